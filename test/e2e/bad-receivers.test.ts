import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// A receiver of traces that does not work changes nothing for requests, and the log says that spans
// are lost.

interface BadReceiver {
  readonly url: string;
  close(): void;
}

/** A server that takes connections, and does with each what `use` does. */
async function startSockets(use: (socket: Socket) => void): Promise<BadReceiver> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    use(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

const receivers: Readonly<Record<string, () => Promise<BadReceiver>>> = {
  "that is not there": async () => {
    const gone = await startSockets(() => {});
    gone.close();
    return gone;
  },
  "that says nothing": () => startSockets((socket) => socket.resume()),
  "that fails": () => startOtlpReceiver((response) => response.writeHead(500).end("<html>secret text")),
  "that sends garbage": () => startSockets((socket) => socket.once("data", () => socket.write("\u0000garbage\r\n\r\n"))),
};

for (const [name, start] of Object.entries(receivers)) {
  test(`a receiver ${name}: every request is answered, and the log says once that spans are lost`, async () => {
    const receiver = await start();
    const stack = await startTestStack({ speed: 20, settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    try {
      const events = Array.from({ length: 12 }, (_, index) =>
        sampleEvent((event) => void Object.assign(event.data.target, { gatewayName: `gateway${index + 1}`, connectionName: "branch" })),
      );
      for (const event of events) await stack.send(structured(event));
      const outcomes = await Promise.all(
        events.map(({ id }) =>
          eventually("the answer", () => stack.received.find(({ body }) => body.data.requestId === id)?.body.data.outcome),
        ),
      );
      assert.deepEqual(new Set(outcomes), new Set(["Succeeded"]));
      const lost = () => stack.steps.filter(({ step }) => step === "spansDropped");
      const [line] = await eventually("the log", async () => {
        // An invocation says it, and the last ones may have ended before the receiver was given up.
        await stack.send({ ...structured({}), body: Buffer.from("{"), messageId: `unreadable-${Date.now()}` });
        return lost().length > 0 && lost();
      });
      assert.ok(Number(line?.["dropped"]) > 0);
      assert.match(String(line?.["error"]), /^[\w ]{3,40}$/);
      assert.equal(lost().length, 1);
      assert.ok(!stack.lines.join("\n").includes("secret text"));
    } finally {
      await stack.stop();
      receiver.close();
    }
  });
}
