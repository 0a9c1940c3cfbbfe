import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runningStack } from "../local/stack/running.ts";
import { sendAndAwait } from "./completion-client.ts";

// `npm run send -- request.json`: one request to a running stack, or to a real namespace if the
// setting ServiceBus names one.
// `--queue NAME` sends it to another queue than REQUEST_QUEUE.

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));

try {
  const { values, positionals } = parseArgs({ options: { queue: { type: "string" } }, allowPositionals: true });
  const [file] = positionals;
  if (!file) throw new Error("Which request? npm run send -- request.json [--queue NAME]");
  const request = readFileSync(file);
  const connectionString = process.env["ServiceBus"] ?? runningStack(join(import.meta.dirname, "..", ".local")).serviceBus;
  const addresses = {
    requestQueue: values.queue ?? process.env["REQUEST_QUEUE"] ?? "vpn-connection-requests",
    completionTopic: process.env["COMPLETION_TOPIC"] ?? "vpn-connection-events",
  };
  const { body } = await sendAndAwait(connectionString, request, addresses, stop.signal);
  console.log(JSON.stringify(body, null, 2));
  process.exitCode = ["Succeeded", "Planned"].includes(body.data.outcome) ? 0 : 1;
} catch (error) {
  if (!stop.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 2;
}
