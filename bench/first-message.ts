import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { loadApp } from "../local/functions-host/app/load-app.ts";
import { createClientBinding } from "../local/functions-host/http/client-binding.ts";

// A process for the benchmark of cold starts. Its first argument says what it does: `nothing`,
// `app`
// (load the app of a directory), or `message` (load the app and give it one message).

const [todo = "", directory = ""] = process.argv.slice(2);
// What the app prints at its start is no part of the result.
console.info = console.error;
const app = todo === "nothing" ? undefined : await loadApp(directory);
if (app) app.log = () => {};
if (app && todo === "message") {
  // A task hub that is empty at first, and opens the claim of the one instance that is started.
  let started = 0;
  let claim: object | undefined;
  const hub = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const respond = (status: number, body: object = {}) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.method === "POST") {
      started++;
      const { fingerprints } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { fingerprints: string[] };
      claim = { fingerprints, completion: null, sent: false, cancelled: false };
      return respond(202);
    }
    return claim && request.url?.includes("/entities/") ? respond(200, claim) : respond(404);
  });
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
  const receiver = app.functions.find(({ name }) => name === "receiveRequest");
  if (!receiver) throw new Error("The app has no function receiveRequest");
  const text = (value: string) => ({ string: value });
  await app.invoke(receiver, {
    trigger: { bytes: readFileSync(join(import.meta.dirname, "..", "examples", "reference-sample.json")) },
    triggerMetadata: {
      MessageId: text("message-1"),
      ContentType: text("application/cloudevents+json"),
      SequenceNumber: { json: "1" },
      DeliveryCount: { json: "1" },
      EnqueuedTimeUtc: { json: '"2026-01-01T00:00:00.000Z"' },
    },
    durableClient: createClientBinding(`http://127.0.0.1:${(hub.address() as AddressInfo).port}`, "Bench"),
  });
  if (started !== 1) throw new Error("The message did not start exactly one instance");
}
process.exit(0);
