import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A gate in front of a port of this machine: it lets connections through, until it is closed and
 * refuses them, as a service does that is down. What is behind it goes on and keeps what it has.
 * Where it leads may be said later: whoever comes before that is refused.
 */
export async function startGate() {
  const sockets = new Set<Socket>();
  let behind: number | undefined;
  let server = createServer();
  const serve = () =>
    createServer((near) => {
      if (behind === undefined) return void near.destroy();
      const far = connect(behind, "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.setNoDelay(true);
        socket.pipe(other);
        socket.on("error", () => {});
        socket.on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
    });
  const open = (port: number) => {
    server = serve();
    return new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  };
  await open(0);
  const { port } = server.address() as AddressInfo;
  const close = () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  return {
    port,
    /** Where it leads. */
    to(target: number) {
      behind = target;
    },
    /** Breaks what goes through, and refuses what comes. */
    close,
    /** Lets through again, on the same port. */
    open: () => open(port),
  };
}
