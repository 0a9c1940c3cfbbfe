import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ReceivedSpan, readSpans } from "../../local/telemetry/otlp.ts";

/** Answers one export. The default takes it. */
type Answer = (response: ServerResponse) => void;
const take: Answer = (response) => response.writeHead(200, { "content-type": "application/json" }).end("{}");

/** A receiver of traces that keeps everything it gets, and answers as `answer` says. */
export async function startOtlpReceiver(answer: Answer = take) {
  const bodies: string[] = [];
  const headers: (readonly [string, string])[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString("utf8"));
    headers.push(...(Object.entries(request.headers) as [string, string][]));
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Everything that was sent, as text. */
    bodies,
    headers,
    spans: (): ReceivedSpan[] => bodies.flatMap((body) => readSpans(body)),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
