import { createServer, type Socket } from "node:net";
import { startOtlpReceiver } from "./otlp-receiver.ts";

/** A receiver of traces that does not work. */
export interface BadReceiver {
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

/** Starts each kind, by what it does. */
export const badReceivers: Readonly<Record<string, () => Promise<BadReceiver>>> = {
  "that is not there": async () => {
    const gone = await startSockets(() => {});
    gone.close();
    return gone;
  },
  "that says nothing": () => startSockets((socket) => socket.resume()),
  "that fails": () => startOtlpReceiver((response) => response.writeHead(500).end("<html>secret text")),
  "that sends garbage": () => startSockets((socket) => socket.once("data", () => socket.write("\u0000garbage\r\n\r\n"))),
};
