import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { startSample } from "./host.ts";

let sample: Awaited<ReturnType<typeof startSample>>;
before(async () => {
  sample = await startSample();
});
after(() => sample.stop());

test("activities answer numbers, texts and nothing", async () => {
  const { output } = await sample.ends(await sample.start("chain", { x: 1 }));
  assert.deepEqual(output, { three: 3, text: "text", nothing: null, input: { x: 1 } });
});

test("the host retries: each failure waits its interval, and success ends it", async () => {
  const before = sample.clock.now();
  const { output } = await sample.ends(await sample.start("retry", { key: "twice", times: 2 }));
  assert.equal(output, "after 2 failures");
  assert.equal(sample.clock.now() - before, 120_000);
});

test("retries that are used up fail with the last failure", async () => {
  const { output } = await sample.ends(await sample.start("retry", { key: "always", times: 9 }), "Failed");
  assert.match(String(output), /Orchestrator function 'retry' failed: Activity function 'failTimes' failed: failure 3 of 9/);
});

test("a timer waits on the clock, never less", async () => {
  const id = await sample.start("waits", null);
  await eventually("the timer waits", () => sample.clock.pending().length > 0);
  assert.deepEqual((await sample.statusOf(id)).customStatus, { waiting: true });
  const { output } = await sample.ends(id);
  assert.equal(output, 3_600_000);
});

test("an event wins against a timer, and the cancelled timer holds nothing back", async () => {
  const id = await sample.start("approval", null);
  await eventually("it waits", async () => (await sample.statusOf(id)).runtimeStatus === "Running");
  assert.equal((await sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Approval`, { by: "me" })).status, 202);
  const status = await eventually("it ends", async () => {
    const current = await sample.statusOf(id);
    return current.runtimeStatus === "Completed" ? current : undefined;
  });
  assert.deepEqual(status.output, { approved: { by: "me" } });
  assert.equal((await sample.call("POST", `${sample.base}/instances/${id}/raiseEvent/Approval`, 1)).status, 410);
});

test("without the event the timer wins", async () => {
  const { output } = await sample.ends(await sample.start("approval", null));
  assert.equal(output, "timed out");
});

test("many activities at once", async () => {
  const { output } = await sample.ends(await sample.start("fanOut", null));
  assert.deepEqual(output, [11, 12, 13, 14, 15]);
});

test("a failed activity fails the orchestrator, in the extension's words", async () => {
  const { output } = await sample.ends(await sample.start("fails", null), "Failed");
  assert.match(String(output), /^Orchestrator function 'fails' failed: Activity function 'fail' failed: no luck/);
});

test("an activity that the app does not have fails the orchestrator, which says so", async () => {
  const { output } = await sample.ends(await sample.start("callsNobody", null), "Failed");
  assert.match(String(output), /The function 'thereIsNone' doesn't exist, is disabled, or is not an activity function\./);
});

test("continue as new starts again with the new input", async () => {
  const status = await sample.ends(await sample.start("counts", 1));
  assert.deepEqual([status.input, status.output], [3, 3]);
});

test("entities are called and signalled in order", async () => {
  const id = await sample.start("usesEntity", null);
  assert.equal((await sample.ends(id)).output, 12);
  const entity = await sample.call("GET", `${sample.base}/entities/counter/${id}`);
  assert.deepEqual([entity.status, entity.text], [200, "12"]);
});

test("terminate ends an instance with its reason", async () => {
  const id = await sample.start("waits", null);
  await eventually("it waits", async () => (await sample.statusOf(id)).runtimeStatus === "Running");
  assert.equal((await sample.call("POST", `${sample.base}/instances/${id}/terminate?reason=enough`)).status, 202);
  const status = await eventually("it is terminated", async () => {
    const current = await sample.statusOf(id);
    return current.runtimeStatus === "Terminated" ? current : undefined;
  });
  assert.equal(status.output, "enough");
});

test("a running id is refused, an ended one is replaced, an unknown function is 400", async () => {
  const id = await sample.start("waits", null, "same-id");
  await eventually("it runs", async () => (await sample.statusOf(id)).runtimeStatus === "Running");
  const again = await sample.call("POST", `${sample.base}/orchestrators/chain/same-id`, 1);
  assert.deepEqual([again.status, again.body.Message], [409, "An Orchestration instance with the status Running already exists."]);
  await sample.ends(id);
  await sample.start("chain", 2, "same-id");
  assert.deepEqual((await sample.ends("same-id")).input, 2);
  assert.equal((await sample.call("POST", `${sample.base}/orchestrators/none`, 1)).status, 400);
  assert.equal((await sample.call("POST", `${sample.base}/orchestrators/chain/@x`, 1)).status, 400);
  assert.equal((await sample.call("GET", `${sample.base}/instances/unknown`)).status, 404);
});

test("instances are listed by state, a page at a time in order of creation, and purged", async () => {
  sample.clock.advanceTo(sample.clock.now() + 1000);
  const created = new Date(sample.clock.now()).toISOString();
  for (let index = 0; index < 7; index++) {
    sample.clock.advanceTo(sample.clock.now() + 1);
    await sample.ends(await sample.start("chain", index));
  }
  const seen: unknown[] = [];
  for (let token: string | null = ""; token !== null; ) {
    const headers: Record<string, string> = token === "" ? {} : { "x-ms-continuation-token": token };
    const page: Response = await fetch(`${sample.url()}${sample.base}/instances?top=3&runtimeStatus=Completed&createdTimeFrom=${created}`, {
      headers,
    });
    seen.push(...((await page.json()) as { input: unknown }[]).map(({ input }) => input));
    token = page.headers.get("x-ms-continuation-token");
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);
  const purged = await sample.call("DELETE", `${sample.base}/instances?createdTimeFrom=${created}&runtimeStatus=Completed`);
  assert.equal(purged.body.instancesDeleted, 7);
  assert.equal((await sample.call("DELETE", `${sample.base}/instances`)).status, 400);
});

test("hooks of the log see what a function tells, and may change it", async () => {
  await sample.ends(await sample.start("tells", null));
  assert.deepEqual(
    sample.log.filter((message) => message.endsWith("is told")),
    ["nothing is told"],
  );
});

test("http functions are routed, and start instances through the durable client", async () => {
  const hello = await sample.call("GET", "/api/hello/world?q=1");
  assert.deepEqual([hello.status, hello.body], [201, { hello: "world", query: "1" }]);
  const started = await sample.call("POST", "/api/start/chain", { from: "http" });
  assert.equal(started.status, 202);
  const { output } = await sample.ends(started.body.id);
  assert.deepEqual((output as { input: unknown }).input, { from: "http" });
  assert.equal((await sample.call("GET", "/api/none")).status, 404);
});
