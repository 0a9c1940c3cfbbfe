import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import type { Driver } from "./driver.ts";

/**
 * The life of an instance
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management).
 */
export function instances({ start, isIn, shows, raise, manage, statusOf, call, client }: Driver): void {
  for (const input of [{ a: 1 }, "text", 5, null, [1]]) {
    test(`an instance is given ${JSON.stringify(input)}, shows it and may answer it`, async () => {
      const status = await isIn(await start("returns", input), "Completed");
      assert.deepEqual([status.name, status.input, status.output, status.customStatus], ["returns", input, input, null]);
      assert.match(status.createdTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.ok(status.lastUpdatedTime >= status.createdTime);
    });
  }

  test("an input of 100 KB, and texts that JSON libraries like to change, come out as they went in", async () => {
    const texts = ["2026-01-01T00:00:00.100+02:00", "2026-11-28T14:01:43Z", "0012", "a\u0000b", "😀", "</script>"];
    const input = {
      texts,
      number: 2 ** 53 - 1,
      large: Array.from({ length: 5_000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`),
    };
    const status = await isIn(await start("returns", input), "Completed");
    assert.deepEqual([status.input, status.output], [input, input]);
  });

  test("an error of the orchestrator fails the instance, which says why; its custom status stays", async () => {
    const { output, customStatus } = await isIn(await start("throws", null), "Failed");
    assert.match(String(output), /^Orchestrator function 'throws' failed: .*the orchestrator is broken/);
    assert.equal(customStatus, "about to fail");
  });

  // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-custom-orchestration-status
  test("the custom status is seen while the instance waits, and after its end", async () => {
    const id = await start("waitsFor", ["Go"]);
    await shows(id, { waitsFor: "Go" });
    assert.equal((await statusOf(id)).runtimeStatus, "Running");
    await raise(id, "Go", 1);
    assert.deepEqual((await isIn(id, "Completed")).customStatus, { waitsFor: "Go" });
  });

  // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-eternal-orchestrations
  test("continue-as-new begins again under the same id with the new input; the custom status is gone", async () => {
    const { input, output, customStatus } = await isIn(await start("counts", { count: 1, until: 4 }), "Completed");
    assert.deepEqual([input, (output as { count: number }).count], [{ count: 4, until: 4 }, 4]);
    assert.equal(customStatus, null);
  });

  test("terminate ends an instance with the reason as its output, and what comes later changes nothing", async () => {
    const id = await start("waitsFor", ["Go"]);
    await shows(id, { waitsFor: "Go" });
    assert.equal((await manage("POST", `instances/${id}/terminate?reason=no%20more`)).status, 202);
    assert.equal((await isIn(id, "Terminated")).output, "no more");
    assert.equal((await manage("POST", `instances/${id}/raiseEvent/Go`, 1)).status, 410);
    assert.equal((await manage("POST", `instances/${id}/terminate?reason=again`)).status, 410);
    assert.equal((await statusOf(id)).output, "no more");
  });

  test("an instance that has ended is replaced by a start under its id", async () => {
    const id = randomUUID();
    await isIn(await start("returns", "first", id), "Completed");
    await start("waitsFor", ["Go"], id);
    await shows(id, { waitsFor: "Go" });
    await raise(id, "Go", 2);
    const { name, input, output } = await isIn(id, "Completed");
    assert.deepEqual([name, input, output], ["waitsFor", ["Go"], [2]]);
  });

  test("a start under the id of an instance that runs is refused, and the instance goes on", async () => {
    const id = await start("waitsFor", ["Go"]);
    await shows(id, { waitsFor: "Go" });
    // 409 since the extension names the reason (HttpApiHandler.cs,
    // HandleStartOrchestratorRequestAsync); 500 before, with the same words inside. So soon after
    // the first start it may be accepted, and then nothing comes of it.
    const again = await eventually("it is refused", async () => {
      const answer = await manage("POST", `orchestrators/returns/${id}`, 1);
      return answer.status === 202 ? undefined : answer;
    });
    assert.ok([409, 500].includes(again.status), String(again.status));
    assert.match(again.text, /already exists/);
    assert.match(String((await client("startNew", "returns", { instanceId: id, input: 1 })).error), /already exists/);
    await raise(id, "Go", 1);
    const { name, output } = await isIn(id, "Completed");
    assert.deepEqual([name, output], ["waitsFor", [1]]);
  });

  // https://github.com/Azure/durabletask/issues/528: "both function calls will report success".
  // Which one runs is not said.
  test("of two starts of one id at the same moment one runs, and its input is shown then", async () => {
    const id = randomUUID();
    const answers = await Promise.all([1, 2].map((input) => manage("POST", `orchestrators/waitsForInput/${id}`, input)));
    assert.ok(answers.some(({ status }) => status === 202));
    const { customStatus, input } = await eventually("it runs", async () => {
      const status = await statusOf(id);
      return status.customStatus === null ? undefined : status;
    });
    assert.equal(input, customStatus);
    await raise(id, "Go", 0);
    assert.equal((await isIn(id, "Completed")).output, customStatus);
  });

  // https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning
  test("the version of a start reaches the orchestrator, and lasts through continue-as-new", async () => {
    const versioned = await start("versioned", null, randomUUID(), "?version=2.1");
    assert.deepEqual((await isIn(versioned, "Completed")).output, { version: "2.1" });
    const counted = await start("counts", { count: 1, until: 2 }, randomUUID(), "?version=3.0");
    assert.deepEqual((await isIn(counted, "Completed")).output, { count: 2, version: "3.0" });
  });

  test("an http function starts instances through the durable client, and answers where to look", async () => {
    const started = await call("POST", "/api/start/returns", { from: "http" });
    assert.equal(started.status, 202);
    const { id, statusQueryGetUri } = started.json();
    assert.equal(started.headers.get("location"), statusQueryGetUri);
    assert.deepEqual((await isIn(id, "Completed")).output, { from: "http" });
    const status = await fetch(statusQueryGetUri);
    assert.deepEqual([status.status, ((await status.json()) as { instanceId: string }).instanceId], [200, id]);
  });

  test("the durable client starts, asks, raises, terminates and purges", async () => {
    const id = randomUUID();
    assert.deepEqual(await client("startNew", "waitsFor", { instanceId: id, input: ["Go", "Never"] }), { value: id });
    await shows(id, { waitsFor: "Go" });
    assert.deepEqual(await client("raiseEvent", id, "Go", { a: 1 }), { value: null });
    await shows(id, { waitsFor: "Never" });
    assert.deepEqual(await client("terminate", id, "enough"), { value: null });
    await isIn(id, "Terminated");
    const { runtimeStatus, output } = (await client("getStatus", id)).value as { runtimeStatus: string; output: unknown };
    assert.deepEqual([runtimeStatus, output], ["Terminated", "enough"]);
    assert.deepEqual(await client("purgeInstanceHistory", id), { value: { instancesDeleted: 1 } });
    assert.match(String((await client("getStatus", id)).error), /404/);
    assert.deepEqual(await client("purgeInstanceHistory", id), { value: { instancesDeleted: 0 } });
  });

  test("the durable client is told of what it cannot do", async () => {
    const unknown = randomUUID();
    assert.match(String((await client("raiseEvent", unknown, "Go", 1)).error), /No instance with ID/);
    assert.match(String((await client("terminate", unknown, "r")).error), /No instance with ID/);
    const ended = await start("returns", 1);
    await isIn(ended, "Completed");
    assert.deepEqual(await client("raiseEvent", ended, "Go", 1), { value: null }, "410 is no error for the SDK");
  });

  // Shown times are whole seconds, and filters compare with the instant: those before this second
  // have ended before it.
  test("instances are listed by state and time, a page at a time, and purged likewise", async () => {
    const first = await isIn(await start("returns", "before"), "Completed");
    await eventually("a second has passed", async () => {
      const { createdTime } = await isIn(await start("returns", "between"), "Completed");
      return createdTime !== first.createdTime;
    });
    const mark = await isIn(await start("versioned", null), "Completed");
    const ids = await Promise.all(Array.from({ length: 7 }, (_, index) => start("returns", `listed ${index}`)));
    await Promise.all(ids.map((id) => isIn(id, "Completed")));
    const listed = await pages(`top=3&runtimeStatus=Completed&createdTimeFrom=${mark.createdTime}`);
    assert.deepEqual(
      ids.filter((id) => !listed.includes(id)),
      [],
    );
    assert.ok(!listed.includes(first.instanceId), "created before");
    assert.equal(new Set(listed).size, listed.length, "each once");
    const failed = await pages(`runtimeStatus=Failed,Terminated&createdTimeFrom=${mark.createdTime}`);
    assert.ok(!ids.some((id) => failed.includes(id)), "in another state");
    const early = await pages(`createdTimeTo=${first.createdTime}`);
    assert.ok(!ids.some((id) => early.includes(id)), "created later");
    const purged = ids[0] as string;
    const found = (await client("getStatusBy", { createdTimeFrom: mark.createdTime, runtimeStatus: ["Completed"] })).value as {
      instanceId: string;
    }[];
    assert.ok(found.some(({ instanceId }) => instanceId === purged));
    assert.deepEqual((await manage("DELETE", `instances/${purged}`)).json(), { instancesDeleted: 1 });
    assert.ok(!(await pages(`createdTimeFrom=${mark.createdTime}`)).includes(purged));
  });

  async function pages(query: string): Promise<string[]> {
    const ids: string[] = [];
    for (let token: string | null = ""; token !== null; ) {
      const answer: Awaited<ReturnType<typeof manage>> = await manage(
        "GET",
        `instances?${query}`,
        undefined,
        token === "" ? {} : { "x-ms-continuation-token": token },
      );
      assert.equal(answer.status, 200);
      const page = answer.json() as { instanceId: string }[];
      ids.push(...page.map(({ instanceId }) => instanceId));
      token = answer.headers.get("x-ms-continuation-token") || null;
    }
    return ids;
  }

  test("the history tells what was done by name, results only on demand, and the input can be left out", async () => {
    const id = await start("echoes", ["result"]);
    await isIn(id, "Completed");
    const bare = await statusOf(id, "?showInput=false");
    assert.deepEqual([bare.input, bare.historyEvents ?? null], [null, null]);
    const kinds = (events: readonly Readonly<Record<string, unknown>>[] = []) => events.map(({ EventType }) => EventType);
    const { historyEvents } = await statusOf(id, "?showHistory=true");
    assert.deepEqual(kinds(historyEvents), ["ExecutionStarted", "TaskCompleted", "ExecutionCompleted"]);
    const completed = historyEvents?.[1];
    assert.deepEqual([completed?.["FunctionName"], completed?.["Result"] ?? null], ["echo", null]);
    assert.ok(Date.parse(String(completed?.["ScheduledTime"])) <= Date.parse(String(completed?.["Timestamp"])));
    const whole = (await statusOf(id, "?showHistory=true&showHistoryOutput=true")).historyEvents;
    assert.deepEqual([whole?.[1]?.["Result"], whole?.[2]?.["Result"]], ["result", ["result"]]);
    assert.equal(whole?.[2]?.["OrchestrationStatus"], "Completed");
  });

  test("an id whose instance was purged is unknown, and may be used again", async () => {
    const id = randomUUID();
    await isIn(await start("returns", 1, id), "Completed");
    assert.equal((await manage("DELETE", `instances/${id}`)).status, 200);
    assert.equal((await manage("GET", `instances/${id}`)).status, 404);
    assert.equal((await isIn(await start("returns", 2, id), "Completed")).output, 2);
  });
}
