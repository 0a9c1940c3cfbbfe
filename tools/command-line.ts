import { Command, CommanderError } from "commander";
import { errorText } from "./error-text.ts";
import { optionsKeptByNpm } from "./npm-options.ts";

/** Wrong use, or something that a command needs is missing. Prints its message, exit code 2. */
export class WrongUse extends Error {}

/**
 * Returns a command whose help ends with an example; `invocation` is, for example, `npm run send`.
 * Describe its arguments and options with commander (https://github.com/tj/commander.js), then run
 * it with `runCommand`.
 */
export function defineCommand(invocation: string, summary: string, example: string): Command {
  return new Command(`${invocation} --`)
    .description(summary)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", `\nExample:\n  ${example}`)
    .configureOutput({ outputError: (message, write) => write(`${sentenceOf(message)} See \`${invocation} -- --help\`.\n`) })
    .allowExcessArguments(false)
    .exitOverride();
}

/**
 * Runs a command with the arguments of this process. The action sets `process.exitCode` to 1 if its
 * answer is no. Wrong use and `WrongUse` print one sentence and exit with 2; so does any other
 * error, which must be a sentence for people.
 */
export async function runCommand(command: Command): Promise<void> {
  try {
    const kept = optionsKeptByNpm(command.options, process.env).join(" ");
    if (kept) throw new WrongUse(`npm kept ${kept} for itself. Write -- before the options: ${command.name()} ${kept} …`);
    await command.parseAsync();
  } catch (error) {
    // Commander has printed help and its own errors itself.
    if (!(error instanceof CommanderError)) console.error(errorText(error));
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  }
}

/** Makes a sentence of commander's "error: unknown option '--quue'\n(Did you mean --queue?)". */
function sentenceOf(message: string): string {
  const [what = "", ...more] = message
    .replace(/^error: /, "")
    .trim()
    .split("\n");
  const first = `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/[.:]?$/, ".")}`;
  return [first, ...more.map((line) => line.replace(/^\((.*)\)$/, "$1"))].join(" ");
}
