/**
 * Returns a function that writes lines to stdout. Lines of one turn of the event loop are written
 * together, because each write to a pipe is a system call. What is left is written when the process
 * exits.
 */
export function createLineWriter(write: (text: string) => unknown = (text) => process.stdout.write(text)): (line: string) => void {
  let lines: string[] = [];
  const flush = () => {
    if (lines.length === 0) return;
    const text = `${lines.join("\n")}\n`;
    lines = [];
    write(text);
  };
  process.once("exit", flush);
  return (line) => {
    if (lines.push(line) === 1) setImmediate(flush);
  };
}
