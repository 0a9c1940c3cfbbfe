import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

// When a message was received, on a machine in a zone with summer time: each text is told by a
// process of that zone.

const module = pathToFileURL(join(import.meta.dirname, "..", "..", "..", "functions", "intake", "request-message.ts")).href;

function receivedAt(...metadata: readonly object[]): string[] {
  const code = `import { readTriggerMessage } from ${JSON.stringify(module)};
const received = (triggerMetadata) =>
  readTriggerMessage(Buffer.from("{}"), { triggerMetadata }, { queue: "requests", now: () => new Date(0) }).receivedAt;
console.log(JSON.stringify({ offset: new Date(2026, 6, 1).getTimezoneOffset(), told: ${JSON.stringify(metadata)}.map(received) }));`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code];
  const { offset, told } = JSON.parse(
    execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, TZ: "Europe/Berlin" } }),
  ) as { offset: number; told: string[] };
  assert.equal(offset, -120, "the process is in the zone");
  return told;
}

test("in the hour that comes twice and in the one that is skipped, a time without a zone is UTC", () => {
  const texts = [
    "2026-10-25T00:30:00",
    "2026-10-25T01:30:00.5",
    "2026-10-25T02:30:00.123",
    "2026-03-29T01:30:00",
    "2026-03-29T02:30:00.1234567",
  ];
  const expected = texts.map((text) => new Date(`${text}Z`).toISOString());
  assert.deepEqual(receivedAt(...texts.map((enqueuedTimeUtc) => ({ enqueuedTimeUtc }))), expected);
  assert.deepEqual(receivedAt(...texts.map((text) => ({ enqueuedTime: `${text}+00:00` }))), expected);
  assert.deepEqual(receivedAt(...texts.map((text) => ({ enqueuedTimeUtc: `${text}Z` }))), expected);
});

test("the time with a zone is taken first; what is no time is now", () => {
  assert.deepEqual(
    receivedAt({ enqueuedTime: "2026-10-25T02:30:00+00:00", enqueuedTimeUtc: "2020-01-01T00:00:00" }, { enqueuedTimeUtc: "soon" }, {}),
    ["2026-10-25T02:30:00.000Z", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z"],
  );
});
