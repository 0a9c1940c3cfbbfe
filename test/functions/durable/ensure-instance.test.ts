import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import fc from "fast-check";
import { problem } from "../../../shared/contract/problem.ts";
import { rejectionOf } from "../../../shared/contract/rejection.ts";
import type { AnswerInput } from "../../../shared/durable/answer.ts";
import { instanceIdOf } from "../../../shared/durable/instance-id.ts";
import { dataOf, type ProvisioningRequest } from "../../../shared/durable/request.ts";
import { byTrigger, receivingOf } from "../../support/receiving.ts";
import { cancellationOf, type SampleEvent } from "../../support/requester.ts";
import { sampleEvent } from "../../support/sample.ts";
import { startTaskHub } from "../../support/task-hub.ts";

// That a start was accepted proves nothing, nor does the status at once after it: only the claim
// does.

const hub = await startTaskHub();
const calm = { begin: hub.begin, runs: hub.runs };
beforeEach(() => {
  for (const noted of [hub.instances, hub.entities]) noted.clear();
  for (const noted of [hub.started, hub.logged, hub.reads]) noted.length = 0;
  Object.assign(hub, calm, { away: false });
});
after(() => hub.close());

type World = ReturnType<typeof receivingOf>;
const idOf = ({ source, id }: { readonly source: string; readonly id: string }) => instanceIdOf(source, id);
const send = (event: object, world = receivingOf()) => byTrigger(world, hub, Buffer.from(JSON.stringify(event)));
const other = (event: SampleEvent) => ({ ...event, data: { ...event.data, deadlineMinutes: 31 } });
const names = () => hub.started.map(({ name, id }) => (id.includes(".conflict.") ? "conflict" : name));
/** Does something each time that somebody pauses, in the world's time. */
function atPauses(world: World, act: (elapsedMs: number) => void): void {
  const began = world.clock.time;
  Object.assign(world.receiving, {
    pause: async (milliseconds: number) => {
      world.clock.time += milliseconds;
      act(world.clock.time - began);
    },
  });
}

test("both starts are accepted and the other one runs: this one is a conflict, whatever the status shows", async () => {
  for (const shown of ["mine", "theirs"]) {
    const event = sampleEvent();
    hub.runs = (id, input) => {
      if (id !== idOf(event)) return true;
      hub.openClaim(id, { fingerprints: ["k1.theirs"] });
      hub.instances.set(id, { name: "provisionVpnConnection", runtimeStatus: "Running", input: shown === "mine" ? input : {} });
      return false;
    };
    await send(event);
    assert.deepEqual(names(), ["provisionVpnConnection", "conflict"]);
    hub.started.length = 0;
  }
});

test("the status shows the other's input while this one runs: that decides nothing", async () => {
  const event = sampleEvent();
  hub.begin = (id, input) => {
    hub.openClaim(id, input);
    hub.instances.set(id, { name: "provisionVpnConnection", runtimeStatus: "Running", input: { fingerprints: ["k1.theirs"] } });
  };
  await send(event);
  await send(event);
  assert.deepEqual(names(), ["provisionVpnConnection"]);
});

for (const [name, event] of [
  ["a request", sampleEvent()],
  ["a cancellation", cancellationOf(sampleEvent())],
] as const) {
  test(`${name} whose claim opens late is waited for, and started once`, async () => {
    for (const opensAfterMs of [0, 1_000, 9_000, 200_000]) {
      const world = receivingOf();
      hub.begin = () => {};
      atPauses(world, (elapsed) => {
        const [start] = hub.started;
        if (start && elapsed >= opensAfterMs) hub.openClaim(start.id, start.input);
      });
      await send(event, world);
      assert.equal(hub.started.length, 1);
      assert.deepEqual([world.published, hub.logged.map(({ step }) => step)], [[], ["received"]]);
      for (const noted of [hub.instances, hub.entities]) noted.clear();
      hub.started.length = hub.logged.length = 0;
    }
  });

  test(`${name} whose claim does not open within four minutes is given back, and not started again while its instance exists`, async () => {
    hub.begin = () => {};
    for (const runtimeStatus of ["Pending", "Running"]) {
      const world = receivingOf();
      await assert.rejects(send(event, world));
      assert.ok(world.clock.time - Date.UTC(2026, 0, 1) > 200_000);
      hub.instances.set(idOf(event), { name: "x", runtimeStatus, input: {} });
    }
    assert.equal(hub.started.length, 1);
    hub.openClaim(idOf(event), hub.started[0]?.input);
    await send(event);
    assert.equal(hub.started.length, 1);
  });
}

test("a request that was purged before its answer is started again, and answered", async () => {
  const event = sampleEvent();
  await send(event);
  hub.instances.clear();
  await send(event);
  assert.deepEqual(names(), ["provisionVpnConnection", "provisionVpnConnection"]);
  await send(other(event));
  assert.deepEqual(names().slice(2), ["conflict"]);
});

test("of two deliveries at once both say that they were received, and the one whose start was not accepted that it is a repetition", async () => {
  const event = sampleEvent();
  await Promise.all([send(event), send(event)]);
  assert.deepEqual(
    [names(), hub.logged.map(({ step }) => step).toSorted()],
    [["provisionVpnConnection"], ["received", "received", "repeated"]],
  );
});

test("that a request was received is logged before its instance can log anything", async () => {
  const seen: string[][] = [];
  hub.begin = (id, input) => {
    seen.push(hub.logged.map(({ step }) => String(step)));
    calm.begin(id, input);
  };
  await send(sampleEvent());
  assert.deepEqual(seen, [["received"]]);
});

test("a claim that only a cancellation knows is not open", async () => {
  const event = sampleEvent();
  hub.entities.set(`request/${idOf(event)}`, { fingerprints: [], completion: null, sent: false, cancelled: true });
  await send(event);
  assert.deepEqual(names(), ["provisionVpnConnection"]);
});

test("an answer to a message is surely begun too: its claim opens late, or its instance is gone", async () => {
  for (const body of ["{", JSON.stringify({ ...sampleEvent(), source: "/foreign" })]) {
    const world = receivingOf({ prefix: "/ticketing" });
    hub.begin = () => {};
    await assert.rejects(byTrigger(world, hub, Buffer.from(body), { messageId: "m", contentType: undefined }));
    assert.deepEqual([names(), world.quarantined.length], [["answerMessage"], 0]);
    hub.instances.clear();
    Object.assign(hub, calm);
    await byTrigger(world, hub, Buffer.from(body), { messageId: "m", contentType: undefined });
    assert.deepEqual(names(), ["answerMessage", "answerMessage"]);
    hub.started.length = 0;
    for (const noted of [hub.instances, hub.entities]) noted.clear();
  }
});

test("a conflict is answered again for a message that comes again", async () => {
  const event = sampleEvent();
  await send(event);
  await send(other(event));
  const [, { id, input } = assert.fail()] = hub.started;
  hub.instances.set(id, { name: "answerMessage", runtimeStatus: "Completed", input });
  const claim = hub.entities.get(`request/${id}`) as object;
  hub.entities.set(`request/${id}`, { ...claim, completion: (input as AnswerInput).completion, sent: true });
  await send(other(event));
  assert.deepEqual(names(), ["provisionVpnConnection", "conflict", "conflict"]);
});

test("an answer that is given again is given once, however often the rest is tried", async () => {
  hub.begin = (id, input) => {
    hub.openClaim(id, input);
    const { completion } = input as AnswerInput;
    hub.entities.set(`request/${id}`, { ...(hub.entities.get(`request/${id}`) as object), completion, sent: true });
    hub.instances.set(id, { name: "answerMessage", runtimeStatus: "Completed", input });
  };
  const world = receivingOf();
  const sendBroken = () => byTrigger(world, hub, Buffer.from("{"), { messageId: "m", contentType: undefined });
  await sendBroken();
  world.broker.away = true;
  atPauses(world, (elapsed) => {
    world.broker.away = elapsed < 30_000;
  });
  await sendBroken();
  assert.deepEqual([names(), world.quarantined.length], [["answerMessage", "answerMessage"], 2]);
});

test("an ordinary request costs three reads and one start", async () => {
  await send(sampleEvent());
  assert.deepEqual([hub.reads.length, hub.started.length], [3, 1]);
});

test("any number of two payloads at once, on a store that is away in between and runs either: none is completed unheard", async () => {
  const step = fc.record({
    payload: fc.constantFrom("first", "second"),
    runs: fc.boolean(),
    opensAfterMs: fc.constantFrom(0, 300, 20_000, 300_000),
    awayUntilMs: fc.constantFrom(0, 5_000, 100_000),
    purged: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      for (const noted of [hub.instances, hub.entities]) noted.clear();
      hub.started.length = 0;
      const first = sampleEvent();
      const id = idOf(first);
      const eventOf = (payload: string) => (payload === "first" ? first : other(first));
      for (const { payload, runs, opensAfterMs, awayUntilMs, purged } of steps) {
        const world = receivingOf();
        hub.away = awayUntilMs > 0;
        hub.begin = (started, input) => {
          if (started !== id) hub.openClaim(started, input);
        };
        const theirs = hub.started.find((start) => start.id === id)?.input;
        hub.runs = (started) => started !== id || runs || theirs === undefined;
        atPauses(world, (elapsed) => {
          hub.away = elapsed < awayUntilMs;
          const running = hub.instances.get(id);
          if (elapsed >= opensAfterMs && running) hub.openClaim(id, running.input);
        });
        const completed = await send(eventOf(payload), world).then(
          () => true,
          () => false,
        );
        if (completed) {
          const { fingerprints } = hub.entities.get(`request/${id}`) as { fingerprints: string[] };
          const mine = hub.started.some((start) => start.id === id && isDeadline(start.input, payload, fingerprints));
          const refused = hub.started.some((start) => start.id.includes(".conflict."));
          assert.ok(mine ? hub.instances.has(id) : refused, "completed, and nothing stands for it");
        }
        if (purged) hub.instances.delete(id);
      }
      hub.away = false;
    }),
    { numRuns: 25 },
  );
});

/** Whether a started input is that of a payload, and the claim's. */
function isDeadline(input: unknown, payload: string, claimed: readonly string[]): boolean {
  const request = input as ProvisioningRequest;
  const { deadlineMinutes } = dataOf(request) as { deadlineMinutes?: number };
  return (deadlineMinutes === 31) === (payload === "second") && request.fingerprints.some((print) => claimed.includes(print));
}

test("an answered request that is repeated is answered from its claim", async () => {
  const event = sampleEvent();
  await send(event);
  const id = idOf(event);
  const asked = {
    requestId: event.id,
    requestSource: event.source,
    traceparent: null,
    ticket: null,
    receivedAt: "x",
    replySessionId: null,
  };
  const completion = rejectionOf(`${id}.completed`, asked, problem("InternalError", "m"), new Date(0));
  hub.entities.set(`request/${id}`, { ...(hub.entities.get(`request/${id}`) as object), completion, sent: true });
  hub.instances.clear();
  const world = receivingOf();
  await send(event, world);
  assert.deepEqual([names(), world.published.length], [["provisionVpnConnection"], 1]);
});
