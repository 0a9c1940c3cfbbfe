import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { loadApp } from "../local/functions-host/app/load-app.ts";
import { createClientBinding } from "../local/functions-host/http/client-binding.ts";

// A process that does as much as it is told: nothing but to be there, to load the app of a directory, or to hand it one message too, as a host does that was
// started for that message.

const [todo = "", directory = ""] = process.argv.slice(2);
const app = todo === "nothing" ? undefined : await loadApp(directory);
if (app) app.log = () => {};
if (app && todo === "message") {
  // A task hub in which nothing is yet.
  let started = 0;
  const hub = createServer((request, response) => {
    request.resume();
    if (request.method === "POST") started++;
    response.writeHead(request.method === "POST" ? 202 : 404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
  const receiver = app.functions.find(({ name }) => name === "receiveRequest");
  if (!receiver) throw new Error("The app receives no requests");
  const text = (value: string) => ({ string: value });
  await app.invoke(receiver, {
    trigger: { bytes: readFileSync(join(import.meta.dirname, "..", "examples", "vpn-connection.json")) },
    triggerMetadata: {
      MessageId: text("message-1"),
      ContentType: text("application/cloudevents+json"),
      SequenceNumber: { json: "1" },
      DeliveryCount: { json: "1" },
      EnqueuedTimeUtc: { json: '"2026-01-01T00:00:00.000Z"' },
    },
    durableClient: createClientBinding(`http://127.0.0.1:${(hub.address() as AddressInfo).port}`, "Bench"),
  });
  if (started !== 1) throw new Error("The message started nothing");
}
process.exit(0);
