import type { CompletionEvent } from "../shared/contract/completion.ts";
import { cancellationOf, readNamed } from "./cancellation.ts";
import { defineCommand, runCommand, WrongUse } from "./command-line.ts";
import { ConnectionLost, converse } from "./conversation.ts";
import { readLastSend } from "./last-send.ts";
import { defaultDataDirectory, findNamespace } from "./namespace.ts";
import { exitCodeOf, readSeconds, stopSignal } from "./stopping.ts";
import { printable, standardOutput, wrapText } from "./text-layout.ts";

// `npm run cancel -- <request id or file>`: cancels a request and prints the result.

/** An answer that takes longer is probably that to an unknown request. */
const PATIENCE_MS = 5_000;

interface Options {
  readonly source?: string;
  readonly queue?: string;
  readonly timeout?: number;
  readonly json?: boolean;
  readonly dataDir: string;
}

const command = defineCommand(
  "npm run cancel",
  "Cancels a request. Exit code: 0 if it is cancelled, 1 if it is not, 2 if there is no such request or it is not possible.",
  "npm run cancel -- examples/minimal.json",
)
  .argument("<REQUEST>", "the id of the request, or the file that was sent")
  .option("--source <SOURCE>", "the source of the request (default: that of the file, or of the last `npm run send`)")
  .option("--queue <NAME>", "the queue to send to (default: that of the last `npm run send`, or REQUEST_QUEUE)")
  .option("--timeout <SECONDS>", "wait so long at most", readSeconds)
  .option("--json", "print the answer as one JSON object")
  .option("--data-dir <DIR>", "where the running stack keeps its data", defaultDataDirectory)
  .action(cancel);

await runCommand(command);

async function cancel(idOrFile: string, options: Options): Promise<void> {
  const last = readLastSend(options.dataDir);
  const named = await readNamed(idOrFile, options.queue ?? last?.queue ?? "");
  const source = options.source ?? named.source ?? last?.source;
  if (source === undefined) throw new WrongUse("Which source has the request? Name it with --source.");
  const namespace = findNamespace(options.dataDir, options.queue ?? (source === last?.source ? last.queue : undefined));
  const request = cancellationOf({ id: named.id, source }, namespace.requestQueue);

  const stop = stopSignal(options.timeout);
  const waiting = setTimeout(() => {
    say("No answer yet. If no such request has come, the app waits five minutes for it before it says so.");
  }, PATIENCE_MS);
  try {
    await converse(namespace, [request], {
      wait: true,
      signal: stop,
      sent: () => say(`Cancelling request ${named.id} of ${source} …`),
      answered: (_, { body }) => tell(body as CompletionEvent, named.id, options),
    });
  } catch (error) {
    if (!stop.aborted && !(error instanceof ConnectionLost)) throw error;
    say(stop.aborted ? "Stopped before the answer came." : `The connection was lost: ${(error as ConnectionLost).message}.`);
    say("The cancellation goes on. The same command, once more, says what came of it.");
    process.exitCode = stop.aborted ? exitCodeOf(stop) : 2;
  } finally {
    clearTimeout(waiting);
  }
}

function tell(event: CompletionEvent, id: string, { json }: Options): void {
  const { outcome, problem } = event.data;
  process.exitCode = outcome === "Succeeded" ? 0 : problem?.code === "RequestUnknown" ? 2 : 1;
  if (json) console.log(JSON.stringify(event));
  else if (problem) console.log(wrapped(`Request ${id} was not cancelled: ${problem.code}. ${problem.message}`));
  else console.log(wrapped(`Request ${id} is cancelled. Its own answer says what Azure had begun.`));
}

/** What is no answer goes to standard error. */
function say(sentence: string): void {
  console.error(wrapped(sentence));
}

function wrapped(sentence: string): string {
  return wrapText(printable(sentence), standardOutput().columns).join("\n");
}
