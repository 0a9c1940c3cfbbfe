import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isSecretField, removeSecretFields } from "../../shared/secrets/redaction.ts";
import { eventually } from "../support/eventually.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";
import { assertAccepted, assertDeleting, assertMissing, assertPoll, assertProvisioned } from "./exchange-rules.ts";
import { type RecordedChange, readRecordings } from "./recordings.ts";
import { startReplay } from "./replay.ts";

// Recorded traffic of the real service. It belongs to others: it is read where it lies, and nothing
// of it stands here.

const directory = process.env["RECORDINGS_DIR"];
const why = "Recordings are replayed where RECORDINGS_DIR names their folder; they are no part of this repository.";
const recordings = directory ? readRecordings(directory) : [];
const recorded = "https://management.azure.com";

describe("recorded exchanges show what the conformance suite asks of every Resource Manager", { skip: directory ? false : why }, () => {
  for (const { name, changes, deletions, missing } of recordings) {
    test(`${name}: ${changes.length} changes, ${deletions.length} deletions`, () => {
      for (const { put, polls, after: read, path, before: existing } of changes) {
        assertAccepted(put, existing !== undefined, recorded);
        const words = polls.map(assertPoll);
        assert.ok(words.slice(0, -1).every((word) => word === "InProgress"));
        if (words.at(-1) === "Succeeded" && read) assertProvisioned(read, path, put.body.etag);
      }
      for (const answer of deletions) assertDeleting(answer, recorded);
      for (const answer of missing) assertMissing(answer);
    });
  }
});

describe("recordings replayed over HTTPS: the app does what the recorder saw", { skip: directory ? false : why }, () => {
  let replay: Awaited<ReturnType<typeof startReplay>>;
  let stack: Awaited<ReturnType<typeof startTestStack>>;
  before(async () => {
    replay = await startReplay();
    stack = await startTestStack({
      armEndpoint: replay.url,
      speed: 200,
      shell: { ...process.env, NODE_EXTRA_CA_CERTS: replay.caFile },
    });
  });
  after(async () => {
    await stack?.stop();
    await replay?.close();
  });

  /** Has the app carry out what the recorder's client asked for. */
  async function requested({ target, body }: RecordedChange) {
    // At this speed the deadline that nobody names would be over in seconds.
    const event = sampleEvent((sample) => Object.assign(sample, { data: { target, connection: body, deadlineMinutes: 1440 } }));
    await stack.send(structured(event));
    const answer = await eventually(
      "the completion",
      () => stack.received.find((message) => message.body.data.requestId === event.id),
      60_000,
    );
    return answer.body.data;
  }

  for (const { name, changes } of recordings) {
    test(name, async () => {
      for (const change of changes) {
        replay.play(change);
        const data = await requested(change);
        const about = `${change.put.status} ${change.polls.length} polls`;
        const end = change.polls.at(-1)?.body;
        const others = replay.asked().filter((call) => call.includes(" "));
        assert.ok(
          others.every((call) => call.startsWith("GET ")),
          "everything else is only read",
        );
        assert.equal(new Set(others).size, others.length, "and once");
        const calls = replay.asked().filter((call) => !call.includes(" "));
        if (change.before && same(change.before, change.after?.body)) {
          // The recorder's client wrote what was there already; the app does not.
          assert.deepEqual([calls, data.outcome, data.change], [["GET"], "Succeeded", "Unchanged"], about);
          continue;
        }
        const polls = change.polls.map(() => "poll");
        const ended = end?.status === "Failed" ? [] : ["GET"];
        assert.deepEqual(calls, ["GET", "PUT", ...polls, ...ended], "every recorded status once, in order, and nothing twice");
        assert.deepEqual(replay.put(), written(change.body), "what the recorder's client wrote");
        assert.equal(data.timing.polls + (end?.status === "Failed" ? 1 : 0), change.polls.length);
        if (end?.status === "Failed") {
          assert.deepEqual([data.outcome, data.problem.code, data.resource], ["Failed", "OperationFailed", null], about);
          assert.deepEqual(data.problem.arm, { status: 200, ...end.error });
          continue;
        }
        assert.deepEqual([data.outcome, data.problem], ["Succeeded", null], about);
        assert.equal(data.change, change.put.status === 201 ? "Created" : "Updated");
        if (change.after) assert.deepEqual(data.resource, removeSecretFields(change.after.body));
      }
    });
  }
});

/** What only the service writes is left out of a PUT. */
function written(body: RecordedChange["body"]): unknown {
  const readOnly = ["connectionStatus", "provisioningState", "etag", "type", "ingressBytesTransferred", "egressBytesTransferred"];
  return JSON.parse(JSON.stringify(body, (field, value) => (readOnly.includes(field) ? undefined : value)));
}

/** Whether two reads show the same connection, but for what changes by itself. */
function same(before: object, now: unknown): boolean {
  const volatile = ["etag", "provisioningState", "connectionStatus", "ingressBytesTransferred", "egressBytesTransferred"];
  const shown = (resource: unknown) =>
    JSON.stringify(resource, (field, value) => (volatile.includes(field) || isSecretField(field) ? undefined : value));
  return shown(before) === shown(now);
}
