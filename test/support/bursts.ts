import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import { type requester, requestFor, said } from "./requester.ts";

type Ask = ReturnType<typeof requester>;
/** Between two pairs: so many requests a second are taken on two cores. */
const BETWEEN_PAIRS_MS = 100;

/** How a pair of requests for one connection ended. */
export interface PairOfRequests {
  /** Outcome and problem code of the older and the newer one. */
  readonly answers: readonly (readonly (string | null)[])[];
  /** What the last PUT that Azure took was for. */
  readonly last: "older" | "newer" | "nothing";
}

/**
 * Sends pairs of requests for one connection, 0 to `longestGapMs` apart, and waits until all are
 * answered. Each pair has a gateway of its own, counted from `firstGateway`.
 */
export async function sendPairsOfRequests(
  ask: Ask,
  { pairs, longestGapMs, boundMs, firstGateway = 1 }: { pairs: number; longestGapMs: number; boundMs: number; firstGateway?: number },
): Promise<PairOfRequests[]> {
  const [older, newer] = [100, 300];
  return Promise.all(
    Array.from({ length: pairs }, async (_, pair) => {
      const connection = `pair${firstGateway}-${pair}`;
      const requests = [older, newer].map((connectionBandwidth) => {
        const request = requestFor(pair + firstGateway, connection);
        for (const { properties } of request.data.connection.properties.vpnLinkConnections)
          Object.assign(properties, { connectionBandwidth });
        return request;
      });
      await pause(pair * BETWEEN_PAIRS_MS);
      for (const [index, request] of requests.entries()) {
        if (index > 0) await pause((pair * longestGapMs) / Math.max(pairs - 1, 1));
        await ask.send(request);
      }
      const answers: (readonly (string | null)[])[] = [];
      for (const request of requests) answers.push(said(await ask.answerTo(request, boundMs)));
      const written = (await ask.putsOf(connection)).filter(({ status }) => status !== null && status < 300);
      const bandwidth = bandwidthOf(written.at(-1)?.body);
      return { answers, last: bandwidth === newer ? "newer" : bandwidth === older ? "older" : "nothing" };
    }),
  );
}

/**
 * Sends pairs of payloads under one source and id at the same moment. Returns how each pair was
 * answered: outcomes, or problem codes, in order of the alphabet.
 */
export async function sendPairsOfPayloads(
  ask: Ask,
  { pairs, boundMs, firstGateway = 1 }: { pairs: number; boundMs: number; firstGateway?: number },
): Promise<(string | null)[][]> {
  const requests = Array.from({ length: pairs }, (_, pair) => requestFor(pair + firstGateway, `payloads${firstGateway}-${pair}`));
  for (const one of requests) {
    const other = structuredClone(one);
    other.data.connection.properties["routingWeight"] = 7;
    await Promise.all([ask.send(one), ask.send(other)]);
    await pause(BETWEEN_PAIRS_MS);
  }
  const answersTo = (request: { id: string }) => ask.answersTo(request).map((answer) => said(answer)[1] ?? said(answer)[0] ?? null);
  // What is missing by then is told by the caller.
  await eventually("each payload is answered", () => requests.every((one) => answersTo(one).length >= 2), boundMs).catch(() => {});
  return requests.map((one) => answersTo(one).toSorted());
}

function bandwidthOf(body: unknown): unknown {
  const links = (body as { properties: { vpnLinkConnections: { properties: { connectionBandwidth: unknown } }[] } } | undefined)?.properties
    .vpnLinkConnections;
  return links?.[0]?.properties.connectionBandwidth;
}
