import type { CompletionEvent } from "../shared/contract/completion.ts";
import { isGood } from "./answer-text.ts";
import { type Board, jsonBoard, lineBoard, type Row, tableBoard } from "./board.ts";
import { defineCommand, runCommand, WrongUse } from "./command-line.ts";
import { ConnectionLost, converse } from "./conversation.ts";
import { readFiles } from "./files.ts";
import { type Status, watchStatus } from "./instance-status.ts";
import { noteLastSend } from "./last-send.ts";
import { defaultDataDirectory, findNamespace } from "./namespace.ts";
import { type Outgoing, outgoingOf, refuseTwins } from "./outgoing.ts";
import { summaryLines, unansweredLines } from "./send-summary.ts";
import { exitCodeOf, readSeconds, stopSignal, stopText } from "./stopping.ts";
import { standardOutput } from "./text-layout.ts";

// `npm run send -- FILE… | FOLDER | -`: requests to a running stack, or to a real namespace if the
// setting ServiceBus names one.

interface Options {
  readonly plan?: boolean;
  readonly newId?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
  readonly queue?: string;
  readonly dataDir: string;
}

const command = defineCommand(
  "npm run send",
  "Sends requests and waits for their answers. Exit code: 0 if every one succeeded, 1 if not, 2 if it is not possible.",
  "npm run send -- examples/minimal.json",
)
  .argument("<FILE...>", "files, folders with .json files, or - for the standard input")
  .option("--plan", "send every request as a plan under a new id: it says what it would change")
  .option("--new-id", "give every request a new id")
  .option("--no-wait", "do not wait for the answers")
  .option("--timeout <SECONDS>", "wait so long at most", readSeconds)
  .option("--json", "print one JSON object for each request")
  .option("--queue <NAME>", "send to another queue than REQUEST_QUEUE")
  .option("--data-dir <DIR>", "where the running stack keeps its data", defaultDataDirectory)
  .action(send);

await runCommand(command);

async function send(paths: readonly string[], options: Options): Promise<void> {
  const { files, faults } = await readFiles(paths);
  if (faults.length > 0) throw new WrongUse([...faults, "Nothing was sent."].join("\n"));
  const namespace = findNamespace(options.dataDir, options.queue);
  const requests = files.map((file) => outgoingOf(file, namespace.requestQueue, options));
  refuseTwins(requests);

  const rows = requests.map((request): Row => ({ request, step: "to be sent", place: null, sentAt: null, event: null }));
  const board = openBoard(rows, options);
  const change = (request: Outgoing, changes: Partial<Row>) => {
    const row = rows[requests.indexOf(request)];
    // A status may come after the answer.
    if (!row || row.event || Object.entries(changes).every(([name, value]) => row[name as keyof Row] === value)) return;
    board.show(Object.assign(row, changes));
  };
  const stop = stopSignal(options.timeout);
  const done = new AbortController();
  if (namespace.functionsHost !== null && options.wait) {
    const open = () => rows.filter(({ event, sentAt }) => !event && sentAt !== null).map(({ request }) => request);
    const show = (request: Outgoing, { step, position }: Status) => change(request, { step, place: position ?? null });
    void watchStatus(namespace.functionsHost, open, show, done.signal);
  }
  let why: string | undefined;
  try {
    await converse(namespace, requests, {
      wait: options.wait,
      signal: stop,
      blocked: (request) => change(request, { step: "session busy" }),
      sent(request) {
        change(request, { step: "sent", sentAt: performance.now() });
        if (request === requests.at(-1)) noteLastSend(options.dataDir, { source: request.source, queue: namespace.requestQueue });
      },
      answered: (request, { body }) => change(request, { event: body as CompletionEvent }),
    });
    process.exitCode = options.wait && !rows.every(({ event }) => event && isGood(event)) ? 1 : 0;
  } catch (error) {
    if (!stop.aborted && !(error instanceof ConnectionLost)) throw error;
    process.exitCode = stop.aborted ? exitCodeOf(stop) : 2;
    why = stop.aborted ? stopText(stop, options.timeout) : `The connection was lost: ${(error as ConnectionLost).message}.`;
  } finally {
    done.abort();
    board.end();
  }
  if (!options.json) for (const line of summaryLines(rows, standardOutput())) console.log(line);
  if (why !== undefined) console.error(why);
  for (const line of unansweredLines(rows)) console.error(line);
}

function openBoard(rows: readonly Row[], { json }: Options): Board {
  const output = standardOutput();
  const writeLine = (line: string) => console.log(line);
  if (json) return jsonBoard(rows, writeLine);
  return output.isTerminal ? tableBoard(rows, output, (text) => process.stdout.write(text)) : lineBoard(writeLine);
}
