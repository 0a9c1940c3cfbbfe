import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { logTable } from "../../shared/log/steps.ts";
import { settingNames } from "../../shared/settings.ts";
import { eventually } from "../support/eventually.ts";
import { bindQuery } from "../support/kusto.ts";
import { requester, requestFor } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";
import { structured } from "../support/sample.ts";

// The lines that queries and alerts read, from the real app: each has its fields, of their types,
// and the seconds of a completion add up.

type Line = { readonly step: string } & Readonly<Record<string, unknown>>;
const fields: Readonly<Record<string, keyof typeof isOf>> = logTable.fields;
const steps: Readonly<Record<string, readonly string[]>> = logTable.steps;
const isOf = {
  text: (value: unknown) => typeof value === "string",
  number: (value: unknown) => typeof value === "number",
  boolean: (value: unknown) => typeof value === "boolean",
  list: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  map: (value: unknown) => typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string"),
};

/** What the table does not have about a line. */
function findFaults({ step, ...line }: Line): string[] {
  const entries = [...(steps[step] ?? [`no step ${step}`]), ...logTable.names.map((name) => `${name}?`)];
  const known = entries.map((entry) => entry.replace(/\?$/, ""));
  const missing = entries.filter((entry) => !entry.endsWith("?") && line[entry] === undefined);
  const strange = Object.entries(line).filter(([name, value]) => {
    if (!known.includes(name)) return true;
    const type = fields[name];
    return !(type && isOf[type](value)) && !(value === null && entries.includes(`${name}?`));
  });
  return [...missing.map((entry) => `${step} has no ${entry}`), ...strange.map((entry) => `${step}: ${JSON.stringify(entry)}`)];
}

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 30, settings: { PREFLIGHT: "warn" } });
});
after(() => stack.stop());

test("a completion's line has every field that VpnCompletions reads, and its seconds are those of the event", async () => {
  const ask = requester(stack);
  const failing = requestFor(2, "failing");
  const respond = { status: 429, headers: { "retry-after": "7" }, body: { error: { code: "TooManyRequests", message: "wait" } } };
  await stack.azure("POST", "/local/faults", { connection: "throttled", on: "put", times: 2, respond });
  await stack.azure("POST", "/local/faults", { connection: "failing", on: "poll", respond: { status: 200, body: { status: "Failed" } } });
  const requests = [
    requestFor(1, "first"),
    requestFor(1, "second"),
    requestFor(3, "throttled"),
    failing,
    requestFor(1, "first", { mode: "plan" }),
    requestFor(1, "invalid", { mode: "nonsense" }),
  ];
  for (const request of requests) await ask.send(request);
  const names = Object.keys(bindQuery("VpnCompletions()").columns).filter((name) => !["TimeGenerated", "traceId"].includes(name));
  assert.ok(names.length > 20);
  for (const request of requests) {
    const { data } = (await ask.answerTo(request, 60_000)).body;
    const line = await eventually("its line", () =>
      stack.steps.find(({ step, instanceId }) => step === "published" && instanceId === ask.idOf(request)),
    );
    for (const name of names) assert.ok(name in line, `${data.outcome}: ${name}`);
    const seconds = (name: string) => Number(line[`${name}Seconds`]);
    const total = (Date.parse(data.timing.completedAt) - Date.parse(data.timing.receivedAt)) / 1000;
    assert.ok(Math.abs(seconds("total") - total) < 0.01, JSON.stringify([line, data.timing]));
    assert.ok(Math.abs(seconds("delivery") + seconds("queue") + seconds("azure") - seconds("total")) < 0.01, JSON.stringify(line));
    assert.deepEqual(
      [line["outcome"], line["change"], line["problem"], line["polls"], line["attempts"], line["requestSource"]],
      [data.outcome, data.change, data.problem?.code ?? null, data.timing.polls, data.arm.attempts.length, data.requestSource],
    );
  }
  const lineOf = (request: (typeof requests)[number]) =>
    stack.steps.find(({ step, instanceId }) => step === "published" && instanceId === ask.idOf(request)) ?? assert.fail();
  assert.deepEqual(
    requests.map((request) => [lineOf(request)["outcome"], lineOf(request)["mode"], lineOf(request)["throttled"]]),
    [
      ["Succeeded", "apply", 0],
      ["Succeeded", "apply", 0],
      ["Succeeded", "apply", 2],
      ["Failed", "apply", 0],
      ["Planned", "plan", 0],
      ["Rejected", null, 0],
    ],
  );
  assert.ok(stack.steps.some(({ step, class: kind, status }) => step === "retrying" && kind === "transient" && status === 429));
});

test("the sweep and the backlog are logged with nothing to do", async () => {
  const swept = await eventually("a sweep", () => stack.steps.find(({ step }) => step === "swept"));
  assert.deepEqual(swept, { step: "swept", found: 0, answered: 0, failed: 0 });
  const backlog = await eventually("the backlog", () => stack.steps.filter(({ step }) => step === "backlog").length >= 2 && stack.steps);
  const queue = "vpn-connection-requests";
  for (const deadLetter of [false, true])
    assert.ok(backlog.some((line) => JSON.stringify(line) === JSON.stringify({ step: "backlog", queue, deadLetter, oldestSeconds: 0 })));
});

test("the start is logged once, with the version, the sealing keys' names and no secret", () => {
  const lines = stack.lines.filter((line) => line.startsWith('{"step":"started"')).map((line) => JSON.parse(line) as Line);
  const [line = assert.fail("no line"), ...others] = lines;
  assert.equal(others.length, 0);
  assert.deepEqual(findFaults(line), []);
  const settings = line["settings"] as Record<string, string>;
  assert.match(String(line["version"]), /^\d+\.\d+\.\d+$/);
  assert.equal(settings["PREFLIGHT"], "warn");
  assert.deepEqual([settings["ServiceBus"], settings["SEALING_KEYS"]], ["(not shown)", "(not shown)"]);
  for (const name of Object.keys(settings)) assert.ok(settingNames.includes(name), name);
});

test("every line of this run is as the table of steps says", () => {
  const seen = new Set(stack.steps.map(({ step }) => step));
  for (const step of ["received", "validated", "submitted", "polled", "verified", "published", "waiting"]) assert.ok(seen.has(step), step);
  assert.deepEqual(stack.steps.flatMap(findFaults), []);
});

test("while the trigger is disabled, the age of the oldest message is right", async () => {
  const name = "AzureWebJobs.receiveRequest.Disabled";
  const disabled = await startTestStack({ speed: 60, settings: { [name]: "true" } });
  try {
    await disabled.send(structured(requestFor(1, "waiting")));
    const sentAt = Date.now();
    const ages: (readonly [said: number, true: number])[] = [];
    const line = await eventually(
      "an age of some seconds",
      () => {
        const last = disabled.steps.findLast(({ step, deadLetter }) => step === "backlog" && deadLetter === false);
        if (last) ages.push([Number(last["oldestSeconds"]), (Date.now() - sentAt) / 1000]);
        return last && Number(last["oldestSeconds"]) >= 4 ? last : undefined;
      },
      60_000,
    );
    const [said, truth] = ages.at(-1) ?? assert.fail();
    assert.ok(Math.abs(said - truth) < 3, JSON.stringify([line, truth]));
    assert.equal(disabled.received.length, 0);
    assert.ok(!disabled.steps.some(({ step }) => step === "received"));
  } finally {
    await disabled.stop();
  }
});
