import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { readMessage } from "../../shared/contract/message.ts";
import { validate } from "../../shared/contract/validate.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";
import { eventually } from "../support/eventually.ts";
import { published } from "../support/published-schemas.ts";
import { startTestStack } from "../support/running-stack.ts";
import { playCompletions, readCompletion } from "./completions.ts";
import { eventsOf, examples, type Ran, reader, start } from "./play.ts";

// What examples/README.md shows, done as it says, against a local stack.

const root = join(examples, "..");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const directory = mkdtempSync(join(tmpdir(), "examples-test-"));
const ring = new Map([["k1", new Uint8Array(32)]]);
let stack: Awaited<ReturnType<typeof startTestStack>>;
let play: ReturnType<typeof reader>;
before(async () => {
  stack = await startTestStack({ speed: 20 });
  play = reader(stack);
});
after(async () => {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Returns what the app finds in a request. */
function findingsIn(file: string): unknown {
  const body = readFileSync(file);
  const read = readMessage({ body, messageId: "m", messageIdIsExact: true, contentType: undefined, applicationProperties: {}, queue: "q" });
  return "unreadable" in read ? read : validate(sealSecrets(read.data, "i", ring), read.ticket).findings;
}

const notJudged = ["cancel.json", "reference-sample.json"];
for (const name of globSync("*.json", { cwd: examples }).filter((file) => !notJudged.includes(file))) {
  test(`${name}: the app finds nothing`, () => assert.deepEqual(findingsIn(join(examples, name)), []));
}

/** The outcome, the change and the warnings of the last answer. */
const saidBy = (ran: Ran) => {
  const data = eventsOf(ran).at(-1)?.data;
  return [ran.code, data?.outcome, data?.change, data?.warnings];
};

const succeed = ["every-section.json", "site-without-links.json", "bgp-with-nat.json"];
for (const name of succeed) {
  test(`${name} succeeds without warnings`, async () => {
    assert.deepEqual(saidBy(await play.request(name).ended), [0, "Succeeded", "Created", []]);
  });
}

test("reference-sample.json succeeds, with warnings", async () => {
  const [code, outcome, , warnings] = saidBy(await play.request("reference-sample.json").ended);
  assert.deepEqual([code, outcome], [0, "Succeeded"]);
  assert.ok((warnings as unknown[]).length > 0);
});

test("key-vault-key.json succeeds with a secret of the local vault", async () => {
  assert.deepEqual(saidBy(await play.requestWithLocalSecret()), [0, "Succeeded", "Created", []]);
});

test("binary-mode.json succeeds, sent as it is", async () => {
  const ran = await play.node(["clients/send-message.mjs", "messages/binary-mode.json"]).ended;
  assert.deepEqual(saidBy(ran), [0, "Succeeded", "Created", []]);
});

/** A completion without what differs from run to run: ids, times, numbers of polls. */
function lasting(event: unknown): unknown {
  const text = JSON.stringify(event)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time")
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")
    .replaceAll(/00-[0-9a-f]{32}-[0-9a-f]{16}-\d\d/g, "trace")
    .replaceAll(/"polls":\d+/g, '"polls":0');
  return JSON.parse(text);
}

test("completions/ has what the stack answers: every outcome, valid by the published schema", async () => {
  const completions = await playCompletions(play, directory);
  const valid = published("completion");
  for (const [name, event] of Object.entries(completions)) {
    const recorded = readCompletion(name);
    assert.ok(valid(recorded), `${name}: ${JSON.stringify(valid.errors)}`);
    assert.deepEqual(lasting(recorded), lasting(event), `${name} is not up to date: node local/node.js test/examples/record.ts`);
  }
  assert.deepEqual(
    Object.keys(completions)
      .map((name) => `${name}.json`)
      .sort(),
    readdirSync(join(examples, "completions")).sort(),
  );
  assert.deepEqual(
    new Set(Object.values(completions).map(({ data }) => data.outcome)),
    new Set(["Succeeded", "Planned", "Rejected", "Failed", "Cancelled"]),
  );
});

describe("branches.csv", () => {
  const folder = join(directory, "requests");
  before(
    () => void execFileSync(process.execPath, ["clients/requests-from-csv.mjs", "branches.csv", "rollout-1", folder], { cwd: examples }),
  );

  test("becomes 40 requests in which the app finds nothing", () => {
    const files = readdirSync(folder);
    assert.equal(files.length, 40);
    for (const file of files) assert.deepEqual(findingsIn(join(folder, file)), [], file);
  });

  test("becomes the same requests in Python", { skip: !hasPython && "this machine has no python3" }, () => {
    const other = join(directory, "requests-python");
    execFileSync("python3", ["clients/requests_from_csv.py", "branches.csv", "rollout-1", other], { cwd: examples });
    for (const file of readdirSync(folder)) assert.equal(readFileSync(join(other, file), "utf8"), readFileSync(join(folder, file), "utf8"));
  });

  test("all 40 with three fault scripts: one fails, and the client that sends it again succeeds", async () => {
    for (const name of ["busy-gateway", "failed-operation", "throttled"])
      assert.equal((await play.localAzure("faults", `faults/${name}.json`)).code, 0);
    const requests = readdirSync(folder).map((file) => join(folder, file));
    for (const file of requests)
      if (!file.endsWith("branch-012.json")) await stack.send({ body: readFileSync(file), contentType: "application/cloudevents+json" });
    const ran = await play.request(join(folder, "branch-012.json")).ended;
    assert.deepEqual(
      eventsOf(ran).map(({ data }) => [data.outcome, data.problem?.code]),
      [
        ["Failed", "OperationFailed"],
        ["Succeeded", undefined],
      ],
    );
    assert.equal(new Set(eventsOf(ran).map(({ data }) => data.requestId)).size, 2, "the second try has an id of its own");
    const answers = () => stack.received.filter(({ body }) => /^rollout-1-/.test(body.data.requestId));
    await eventually("40 answers", () => answers().length === 40, 60_000);
    const attemptsOf = (site: string) =>
      answers().find(({ correlationId }) => correlationId === `rollout-1-${site}`)?.body.data.arm.attempts;
    const codesOf = (site: string) =>
      attemptsOf(site).flatMap(({ action, code }: { action: string; code: string }) => (action === "put" ? [code] : []));
    assert.deepEqual(codesOf("branch-011"), ["AnotherOperationInProgress", null]);
    assert.deepEqual(codesOf("branch-013"), ["TooManyRequests", "TooManyRequests", null]);
    assert.equal(answers().filter(({ body }) => body.data.outcome === "Succeeded").length, 39);
  });
});

describe("request-connection.mjs", () => {
  test("asks for the session first: without it nothing is sent", async () => {
    const event = { ...JSON.parse(readFileSync(join(examples, "minimal.json"), "utf8")), id: "request-without-session" };
    const file = join(directory, "without-session.json");
    writeFileSync(file, JSON.stringify(event));
    const waiting = play.request(file, { COMPLETION_TOPIC: "no-such-topic" });
    await eventually("the session is refused", () => waiting.err().includes("Trying again."));
    waiting.child.kill("SIGKILL");
    await waiting.ended;
    const queue = stack.client.createReceiver("vpn-connection-requests");
    assert.deepEqual(await queue.peekMessages(1), []);
    await queue.close();
    assert.ok(!stack.lines.some((line) => line.includes(event.id)));
  });

  /** A request whose change takes so long, in seconds of the stack. */
  async function slowRequest(on: typeof stack, connectionName: string, seconds: number): Promise<string> {
    await on.azure("POST", "/local/faults", { connection: connectionName, on: "put", operation: { seconds } });
    const event = JSON.parse(readFileSync(join(examples, "minimal.json"), "utf8"));
    Object.assign(event, { id: `request-of-${connectionName}` });
    Object.assign(event.data.target, { gatewayName: "gw-northeurope", connectionName });
    const file = join(directory, `${connectionName}.json`);
    writeFileSync(file, JSON.stringify(event));
    return file;
  }
  const putsOf = async (on: typeof stack, connectionName: string) =>
    (await on.seen()).filter(({ method, url }) => method === "PUT" && url.includes(`/${connectionName}?`)).length;

  test("killed while it waits, and run again: it gets the answer, and Azure one PUT", async () => {
    const file = await slowRequest(stack, "branch-killed", 60);
    const first = play.request(file);
    await eventually("the change is under way", async () => (await putsOf(stack, "branch-killed")) === 1);
    first.child.kill("SIGKILL");
    await first.ended;
    const again = await play.request(file).ended;
    assert.deepEqual(saidBy(again), [0, "Succeeded", "Created", []], again.err);
    assert.equal(await putsOf(stack, "branch-killed"), 1);
  });

  test("a change that takes longer than the lock of the session: the lock is renewed, also after a lost connection", async (t) => {
    const config = readFileSync(join(root, "local", "service-bus", "config.json"), "utf8");
    const short = config.replace(/("Name": "replies",\s+"Properties": \{\s+"LockDuration": ")PT1M/, "$1PT5S");
    assert.notEqual(short, config);
    const serviceBusConfig = join(directory, "config.json");
    writeFileSync(serviceBusConfig, short);
    const slow = await startTestStack({ serviceBusConfig });
    t.after(() => slow.stop());
    const file = await slowRequest(slow, "branch-patient", 12);
    const renewed = await reader(slow).request(file).ended;
    assert.deepEqual([...saidBy(renewed), renewed.err], [0, "Succeeded", "Created", [], ""]);
    const other = await slowRequest(slow, "branch-severed", 5);
    const severed = reader(slow).request(other).ended;
    await eventually("the change is under way", async () => (await putsOf(slow, "branch-severed")) === 1);
    await slow.stack.broker.dropConnections();
    assert.deepEqual(saidBy(await severed), [0, "Succeeded", "Created", []]);
  });

  test("without a file or a namespace: how to use it, exit code 2", async () => {
    for (const script of [
      "clients/request-connection.mjs",
      "clients/send-message.mjs",
      "clients/requests-from-csv.mjs",
      "local-azure.mjs",
    ]) {
      const ran = await play.node([script]).ended;
      assert.equal(ran.code, 2, script);
      assert.match(ran.err, /^(Usage:|No stack)/, script);
    }
  });
});

test("the Python client has no fault of syntax", { skip: !hasPython && "this machine has no python3" }, async () => {
  const { code, err } = await start("python3", [
    "-c",
    "import ast, sys; ast.parse(open(sys.argv[1]).read())",
    "clients/request_connection.py",
  ]).ended;
  assert.equal(code, 0, err);
});
