import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import { type requester, requestFor, said } from "./requester.ts";
import type { SeenRequest, startTestStack } from "./running-stack.ts";

// Bursts of messages that an engine may mix up, for any engine.

/** Where a burst is played: each has gateways and connections of its own. */
export interface Burst {
  readonly stack: Pick<Awaited<ReturnType<typeof startTestStack>>, "azure" | "seen">;
  readonly ask: ReturnType<typeof requester>;
  readonly t: TestContext;
  readonly count: number;
  readonly firstGateway?: number;
  readonly boundMs: number;
}

const LONGEST_GAP_MS = 50;
const OPERATION_SECONDS = 5;
const THROTTLED_TIMES = 3;

/**
 * Two requests for one connection, sent in a row, 0 to 50 ms apart: what stands in Azure in the end
 * is the newer one, and both are answered.
 */
export async function playPairsOfRequests({ stack, ask, t, count, firstGateway = 1, boundMs }: Burst): Promise<void> {
  await doneAtOnce(stack, count, "ordered");
  const requestOf = (pair: number, connectionBandwidth: number) => {
    const request = requestFor(firstGateway + pair, `ordered${pair}`);
    for (const { properties } of request.data.connection.properties.vpnLinkConnections) Object.assign(properties, { connectionBandwidth });
    return request;
  };
  const ends = await Promise.all(
    Array.from({ length: count }, async (_, pair) => {
      const [older, newer] = [requestOf(pair, 100), requestOf(pair, 300)];
      await pause(pair * 100);
      await ask.send(older);
      await pause((pair * LONGEST_GAP_MS) / (count - 1));
      await ask.send(newer);
      const answers = [await ask.answerTo(older, boundMs), await ask.answerTo(newer, boundMs)].map((answer) => said(answer));
      const written = (await ask.putsOf(`ordered${pair}`)).filter(({ status }) => status !== null && status < 300);
      return { answers, bandwidths: written.map(({ body }) => bandwidthOf(body)) };
    }),
  );
  const reversed = ends.filter(({ bandwidths }) => bandwidths.at(-1) !== 300).length;
  const told = `${reversed} of ${count} pairs ended with the older request`;
  t.diagnostic(told);
  assert.equal(reversed, 0, told);
  for (const { answers } of ends) {
    const [older = [], newer = []] = answers;
    assert.deepEqual(newer, ["Succeeded", null]);
    assert.ok(["Succeeded", "Superseded"].includes(older[1] ?? String(older[0])), older.join());
  }
}

/**
 * Two payloads under one source and id, sent at the same moment: one is carried out, the other one
 * is answered RequestIdConflict. None is forgotten.
 */
export async function playPairsOfPayloads({ stack, ask, t, count, firstGateway = 1, boundMs }: Burst): Promise<void> {
  await doneAtOnce(stack, count, "payloads");
  const first = Array.from({ length: count }, (_, pair) => requestFor(firstGateway + pair, `payloads${pair}`));
  for (const one of first) {
    const other = structuredClone(one);
    other.data.connection.properties["routingWeight"] = 7;
    await Promise.all([ask.send(one), ask.send(other)]);
    await pause(100);
  }
  const answersTo = (request: { id: string }) => ask.answersTo(request).map((answer) => said(answer)[1] ?? said(answer)[0]);
  await eventually("each payload is answered", () => first.every((one) => answersTo(one).length === 2), boundMs).catch(() => {});
  const forgotten = first.filter((one) => answersTo(one).length < 2).length;
  const told = `${forgotten} of ${count} pairs have a payload without an answer`;
  t.diagnostic(told);
  assert.equal(forgotten, 0, told);
  for (const one of first) assert.deepEqual(answersTo(one).toSorted(), ["RequestIdConflict", "Succeeded"]);
}

/**
 * Azure says how long to wait, and no call comes before that: neither a PUT after one that was
 * throttled, nor a poll after a poll.
 */
export async function playWaits({ stack, ask, t, count, firstGateway = 1, boundMs }: Burst): Promise<void> {
  const respond = { status: 429, headers: { "retry-after": "1" }, body: { error: { code: "TooManyRequests", message: "wait" } } };
  const waits = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const connection = `waits${index}`;
      const pollSeconds = (index % 2) + 1;
      await stack.azure("POST", "/local/faults", { connection, on: "put", times: THROTTLED_TIMES, respond });
      await ask.takes(connection, OPERATION_SECONDS, pollSeconds);
      const request = requestFor(firstGateway + index, connection);
      await ask.send(request);
      assert.deepEqual(said(await ask.answerTo(request, boundMs)), ["Succeeded", null]);
      return waitsOf(await stack.seen(), connection, pollSeconds);
    }),
  );
  const early = waits.flat().filter(({ waited, asked }) => waited < asked);
  const told = `${early.length} of ${waits.flat().length} calls came before their Retry-After was over`;
  t.diagnostic(told);
  assert.deepEqual(early.slice(0, 5), [], told);
}

async function doneAtOnce({ azure }: Burst["stack"], count: number, name: string): Promise<void> {
  const headers = { "azure-asyncoperation": null };
  const faults = Array.from({ length: count }, (_, index) => ({ connection: `${name}${index}`, on: "put", times: "always" }));
  await azure(
    "POST",
    "/local/faults",
    faults.map((fault) => ({ ...fault, operation: { seconds: 0 }, headers })),
  );
}

/**
 * How long after each answer with a Retry-After the next call for the connection came, in
 * milliseconds of product time.
 */
function waitsOf(seen: readonly SeenRequest[], connection: string, pollSeconds: number) {
  const operations = seen.flatMap(({ url, operation }) => (operation && url.includes(`/${connection}?`) ? [operation.id] : []));
  const calls = seen.filter(({ url }) => url.includes(`/vpnConnections/${connection}?`) || operations.some((id) => url.includes(id)));
  return calls.slice(1).flatMap((call, index) => {
    const before = calls[index] as SeenRequest;
    const asked = askedToWait(before, pollSeconds);
    return asked === 0 ? [] : [{ what: `${before.method} ${before.status}`, asked: asked * 1000, waited: call.at - before.at }];
  });
}

/**
 * The Retry-After of an answer, in seconds; 0 for those that have none, or that end the operation.
 */
function askedToWait({ method, status, response, url }: SeenRequest, pollSeconds: number): number {
  if (method === "PUT") return status === 429 ? 1 : pollSeconds;
  const isPoll = !url.includes("/vpnConnections/");
  return isPoll && (response as { status?: string } | null)?.status !== "Succeeded" ? pollSeconds : 0;
}

function bandwidthOf(body: unknown): unknown {
  const { properties } = body as { properties: { vpnLinkConnections: { properties: { connectionBandwidth: unknown } }[] } };
  return properties.vpnLinkConnections[0]?.properties.connectionBandwidth;
}
