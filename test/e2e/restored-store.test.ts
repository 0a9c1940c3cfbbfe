import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { requester, requestFor, type SampleEvent } from "../support/requester.ts";
import { type SeenRequest, startTestStack } from "../support/running-stack.ts";

// A rehearsal of a restored store: requests run, and the store is copied while they do. Ten minutes
// later, after 50 more requests, everything stops, and the copy takes the place of the store. The
// broker and Azure are as they were. Then every requester repeats its requests.

const SPEED = 60;
const OPERATION_SECONDS = 30;
/** Longer than the stack is away: Azure still works when the restored app starts. */
const LONG_OPERATION_SECONDS = 900;
const GATEWAYS = 10;
const MINUTES = 10;
const BOUND_MS = 60_000;

type TestStack = Awaited<ReturnType<typeof startTestStack>>;
type Answer = TestStack["received"][number];
type Put = SeenRequest & { readonly gateway: string; readonly connection: string };

const withoutKey = (request: SampleEvent): SampleEvent => {
  for (const { properties } of request.data.connection.properties.vpnLinkConnections) delete properties["sharedKey"];
  return request;
};
const numbered = (prefix: string, count: number, firstGateway = 1) =>
  Array.from({ length: count }, (_, index) => requestFor(((index + firstGateway - 1) % GATEWAYS) + 1, `${prefix}${index}`));

/** Answered before the copy, under way at the copy, and the 50 that the copy does not know. */
const known = numbered("known", 5).map(withoutKey);
const atCopy = numbered("at-copy", 10).map(withoutKey);
const later = numbered("later", 33).map(withoutKey);
const withKeys = numbered("with-keys", 10);
/** The last six of them: Azure works on them when the store is lost. */
const atLoss = numbered("at-loss", 6).map(withoutKey);
/** Two of one connection: the first waits for its gateway at the copy, the second comes later. */
const [OLDER, NEWER] = [11, 22];
const weighted = (weight: number) => {
  const request = withoutKey(requestFor(1, "pair"));
  request.data.connection.properties["routingWeight"] = weight;
  return request;
};
const [older, newer] = [weighted(OLDER), weighted(NEWER)];
later.push(newer);
const all = [...known, ...atCopy, older, ...later, ...withKeys, ...atLoss];

const putsIn = (seen: readonly SeenRequest[]): Put[] =>
  seen.flatMap((request) => {
    const [, gateway, connection] = /\/vpnGateways\/([^/]+)\/vpnConnections\/([^/?]+)/.exec(request.url) ?? [];
    return request.method === "PUT" && gateway && connection ? [{ ...request, gateway, connection }] : [];
  });
const putsOf = (puts: readonly Put[], { data }: SampleEvent) => puts.filter(({ connection }) => connection === data.target.connectionName);

/**
 * Runs the rehearsal. The app starts again at once, while an operator would wait until Azure has
 * finished.
 */
async function rehearse() {
  const directory = mkdtempSync(join(tmpdir(), "restored-"));
  const copy = join(directory, "copy");
  // The broker's duplicate detection goes by real time, in which ten minutes take ten seconds. So
  // it would hide what comes twice.
  const serviceBusConfig = join(directory, "config.json");
  const config = readFileSync(join(import.meta.dirname, "..", "..", "local", "service-bus", "config.json"), "utf8");
  writeFileSync(serviceBusConfig, config.replace('"RequiresDuplicateDetection": true', '"RequiresDuplicateDetection": false'));
  const start = async () => {
    const stack = await startTestStack({ dataDirectory: directory, speed: SPEED, serviceBusConfig });
    const ask = requester(stack);
    const operations = (list: readonly SampleEvent[] | "*", seconds: number) =>
      (list === "*" ? ["*"] : list.map(({ data }) => data.target.connectionName)).map((connection) => ({
        ...{ connection, on: "put", times: "always", operation: { seconds }, headers: { "retry-after": "10" } },
      }));
    const faults = [...operations(atLoss, LONG_OPERATION_SECONDS), ...operations("*", OPERATION_SECONDS)];
    await stack.azure("POST", "/local/faults", [
      ...faults,
      { connection: "*", on: "poll", times: "always", headers: { "retry-after": "10" } },
    ]);
    return {
      ...stack,
      send: (list: readonly SampleEvent[]) => Promise.all(list.map((request) => ask.send(request))),
      answered: (list: readonly SampleEvent[]) => Promise.all(list.map((request) => ask.answerTo(request, BOUND_MS))),
      reach: (list: readonly SampleEvent[], step: string) => Promise.all(list.map((request) => ask.reaches(request, step, BOUND_MS))),
      puts: async () => putsIn(await stack.seen()),
    };
  };

  let stack = await start();
  try {
    await stack.send(known);
    await stack.answered(known);
    await stack.send(atCopy);
    await stack.send([older]);
    await stack.reach(atCopy.slice(0, 3), "submitted");
    await stack.reach([older], "validated");
    const running = new DatabaseSync(join(directory, "durable.sqlite"), { readOnly: true });
    await backup(running, copy);
    running.close();
    const copiedAt = stack.stack.clock.now();
    await stack.send([...later, ...withKeys]);
    await stack.answered([...atCopy, older, ...later, ...withKeys]);
    await eventually("the copy is ten minutes old", () => stack.stack.clock.now() - copiedAt >= MINUTES * 60_000);
    await stack.send(atLoss);
    await stack.reach(atLoss, "submitted");
    const [answers, putsBefore] = [[...stack.received], await stack.puts()];
    await stack.stop();

    for (const rest of ["-wal", "-shm"]) rmSync(join(directory, `durable.sqlite${rest}`), { force: true });
    copyFileSync(copy, join(directory, "durable.sqlite"));
    stack = await start();
    await stack.send(all);
    const isAnsweredAgain = ({ id }: SampleEvent) => stack.received.some(({ body }) => body.data.requestId === id);
    await eventually("every repetition is answered", () => all.every(isAnsweredAgain), BOUND_MS);
    return { answers, putsBefore, answersAgain: [...stack.received], puts: await stack.puts() };
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("a store of ten minutes ago", () => {
  let run: Awaited<ReturnType<typeof rehearse>>;
  before(async () => {
    run = await rehearse();
  });
  const answersTo = (list: readonly Answer[], { id }: SampleEvent) => list.filter(({ body }) => body.data.requestId === id);
  const changesOf = (list: readonly Answer[], request: SampleEvent) => [
    ...new Set(answersTo(list, request).map(({ body }) => `${body.data.outcome} ${body.data.change}`)),
  ];
  const againOf = (request: SampleEvent) => changesOf(run.answersAgain, request);
  const acceptedPutsOf = (puts: readonly Put[], request: SampleEvent) => putsOf(puts, request).filter(({ operation }) => operation);
  const isRunning = (put: Put, at: number) => put.operation !== undefined && at > put.at && at < put.operation.endsAt;

  test("50 requests were carried out after the copy, and Azure works on the last six of them", () => {
    assert.equal([...later, ...withKeys, ...atLoss].length, 50);
    for (const request of all.filter((each) => !atLoss.includes(each))) assert.equal(answersTo(run.answers, request).length, 1);
    for (const request of atLoss) assert.deepEqual(answersTo(run.answers, request), []);
  });

  test("no two operations of a gateway overlap, and Azure refuses only what comes while it works on the last six", () => {
    const accepted = run.puts.filter(({ operation }) => operation);
    for (const put of accepted)
      for (const other of accepted)
        assert.ok(put.gateway !== other.gateway || !isRunning(put, other.at), `${put.connection}, ${other.connection}`);
    const refused = run.puts.filter(({ operation }) => !operation);
    const last = atLoss.map(({ data }) => data.target.connectionName);
    for (const { gateway, at, status } of refused) {
      assert.equal(status, 409);
      assert.ok(accepted.some((put) => put.gateway === gateway && last.includes(put.connection) && isRunning(put, at)));
    }
  });

  test("a request that was answered before the copy is answered from its claim", () => {
    for (const request of known) {
      const [first] = answersTo(run.answers, request);
      const again = answersTo(run.answersAgain, request);
      assert.ok(again.length > 0);
      for (const { body } of again) assert.deepEqual(body, first?.body);
      assert.equal(putsOf(run.puts, request).length, 1);
    }
  });

  test("a request that was under way continues, and is answered once more, under the same event id", () => {
    for (const request of atCopy) {
      const answers = [...answersTo(run.answers, request), ...answersTo(run.answersAgain, request)];
      assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
      for (const { body } of answers) assert.equal(body.data.outcome, "Succeeded");
      assert.equal(acceptedPutsOf(run.puts, request).length, 1);
    }
  });

  test("a repeated request without keys ends as Unchanged, without a PUT, under the same event id", () => {
    for (const request of later.filter((each) => each !== newer)) {
      assert.deepEqual(againOf(request), ["Succeeded Unchanged"]);
      assert.equal(putsOf(run.puts, request).length, 1);
      assert.equal(answersTo(run.answersAgain, request)[0]?.body.id, answersTo(run.answers, request)[0]?.body.id);
    }
  });

  test("a repeated request with keys makes one more PUT, because no read shows a key", () => {
    for (const request of withKeys) {
      assert.deepEqual(againOf(request), ["Succeeded Updated"]);
      assert.equal(acceptedPutsOf(run.puts, request).length, 2);
    }
  });

  test("what Azure was working on is found and waited for, not begun again", () => {
    for (const request of atLoss) {
      assert.deepEqual(againOf(request), ["Succeeded Unchanged"]);
      assert.equal(putsOf(run.puts, request).length, 1);
    }
  });

  test("a request of the copy may write its older state again, and the repeated newer one has the last word", () => {
    const weightOf = ({ body }: Put) => (body as { properties: { routingWeight: number } }).properties.routingWeight;
    const [before, inAll] = [acceptedPutsOf(run.putsBefore, newer), acceptedPutsOf(run.puts, newer)].map((puts) => puts.map(weightOf));
    assert.deepEqual(before, [OLDER, NEWER]);
    assert.ok(inAll && inAll.length <= 4, `${inAll}`);
    assert.equal(inAll.at(-1), NEWER);
  });

  test("nothing else comes twice: no other PUT, and no third answer to a repetition", () => {
    const again = run.puts.filter(({ operation }) => operation).slice(run.putsBefore.filter(({ operation }) => operation).length);
    const mayRepeat = [...withKeys, older].map(({ data }) => data.target.connectionName);
    assert.deepEqual(
      again.map(({ connection }) => connection).filter((connection) => !mayRepeat.includes(connection)),
      [],
    );
    for (const request of all) {
      const answers = answersTo(run.answersAgain, request).length;
      const most = [...atCopy, older].includes(request) ? 2 : 1;
      assert.ok(answers >= 1 && answers <= most, `${request.data.target.connectionName} has ${answers} answers`);
    }
  });
});
