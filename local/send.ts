import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sendAndAwait } from "./completion-client.ts";
import { runningStack } from "./stack/running.ts";

// `npm run send -- request.json`: one request to a running stack, or to a real namespace where the setting ServiceBus names one.

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));

try {
  const file = process.argv[2];
  if (!file) throw new Error("Which request? npm run send -- request.json");
  const request = readFileSync(file);
  const connectionString = process.env["ServiceBus"] ?? runningStack(join(import.meta.dirname, "..", ".local")).serviceBus;
  const addresses = {
    requestQueue: process.env["REQUEST_QUEUE"] ?? "vpn-connection-requests",
    completionTopic: process.env["COMPLETION_TOPIC"] ?? "vpn-connection-events",
  };
  const { body } = await sendAndAwait(connectionString, request, addresses, stop.signal);
  console.log(JSON.stringify(body, null, 2));
  process.exitCode = ["Succeeded", "Planned"].includes(body.data.outcome) ? 0 : 1;
} catch (error) {
  if (!stop.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 2;
}
