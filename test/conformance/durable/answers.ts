import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Driver } from "./driver.ts";
import { plusInId } from "./latitude.ts";

interface Row {
  readonly what: string;
  readonly method: string;
  /** `{running}`, `{completed}`, `{failed}` and `{unknown}` stand for ids of such instances. */
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  /** Several where versions of the extension differ. */
  readonly answers: readonly number[];
}

/**
 * How the management API answers
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api and its
 * handler,
 * https://github.com/Azure/azure-functions-durable-extension/blob/dev/src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs).
 */
const rows: readonly Row[] = [
  { what: "a start", method: "POST", path: "orchestrators/returns", body: "1", answers: [202] },
  { what: "a start without a body", method: "POST", path: "orchestrators/returns", answers: [202] },
  // The extension 3.19 does not catch what its parser throws.
  { what: "a start with what is no JSON", method: "POST", path: "orchestrators/returns", body: "{", answers: [500] },
  { what: "a start by GET", method: "GET", path: "orchestrators/returns", answers: [404] },
  { what: "a start under a running id", method: "POST", path: "orchestrators/returns/{running}", body: "1", answers: [409, 500] },
  { what: "the status of one that runs", method: "GET", path: "instances/{running}", answers: [202] },
  { what: "the status of one that is completed", method: "GET", path: "instances/{completed}", answers: [200] },
  { what: "the status of one that failed", method: "GET", path: "instances/{failed}", answers: [200] },
  {
    what: "the status of one that failed, on demand",
    method: "GET",
    path: "instances/{failed}?returnInternalServerErrorOnFailure=true",
    answers: [500],
  },
  { what: "the status of one that is unknown", method: "GET", path: "instances/{unknown}", answers: [404] },
  { what: "a list", method: "GET", path: "instances?top=1", answers: [200] },
  { what: "a list, with a slash", method: "GET", path: "instances/?top=1", answers: [200] },
  { what: "an event", method: "POST", path: "instances/{running}/raiseEvent/Other", body: "1", answers: [202] },
  { what: "an event that is no JSON", method: "POST", path: "instances/{running}/raiseEvent/Other", body: "{", answers: [400] },
  {
    what: "an event of another type",
    method: "POST",
    path: "instances/{running}/raiseEvent/Other",
    body: "1",
    type: "text/plain",
    answers: [400],
  },
  { what: "an event for one that has ended", method: "POST", path: "instances/{completed}/raiseEvent/Go", body: "1", answers: [410] },
  { what: "an event for one that is unknown", method: "POST", path: "instances/{unknown}/raiseEvent/Go", body: "1", answers: [404] },
  // Whether there is somebody to tell is looked at first.
  {
    what: "an event of another type for one that is unknown",
    method: "POST",
    path: "instances/{unknown}/raiseEvent/Go",
    body: "1",
    type: "text/plain",
    answers: [404],
  },
  { what: "terminating one that has ended", method: "POST", path: "instances/{completed}/terminate?reason=r", answers: [410] },
  { what: "terminating one that is unknown", method: "POST", path: "instances/{unknown}/terminate?reason=r", answers: [404] },
  { what: "purging one that is unknown", method: "DELETE", path: "instances/{unknown}", answers: [404] },
  { what: "purging by no time", method: "DELETE", path: "instances", answers: [400] },
  { what: "purging where nothing is", method: "DELETE", path: "instances?createdTimeFrom=2999-01-01T00:00:00Z", answers: [404] },
  { what: "a signal", method: "POST", path: "entities/counter/{unknown}?op=add", body: "1", answers: [202] },
  { what: "a signal without a body", method: "POST", path: "entities/counter/{unknown}?op=get", answers: [202] },
  { what: "a signal with what is no JSON", method: "POST", path: "entities/counter/{unknown}?op=add", body: "{", answers: [400] },
  { what: "a signal to no entity function", method: "POST", path: "entities/thereIsNone/{unknown}?op=add", body: "1", answers: [400] },
  { what: "the state of an entity that is not there", method: "GET", path: "entities/counter/never-{unknown}", answers: [404] },
  { what: "what there is not", method: "GET", path: "nothing/{unknown}", answers: [404] },
];

/** Status codes and headers of the management API. */
export function answers({ start, isIn, shows, raise, manage }: Driver): void {
  describe("answers of the management API", { concurrency: true }, () => {
    const unknown = randomUUID();
    const ids: Record<string, string> = { unknown };
    before(async () => {
      ids["running"] = await start("waitsFor", ["Go"]);
      ids["completed"] = await start("returns", 1);
      ids["failed"] = await start("throws", null);
      await shows(ids["running"], { waitsFor: "Go" });
      await isIn(ids["completed"], "Completed");
      await isIn(ids["failed"], "Failed");
    });
    after(() => manage("POST", `instances/${ids["running"]}/terminate?reason=over`));

    for (const { what, method, path, body, type, answers: expected } of rows) {
      test(`${what}: ${expected.join(" or ")}`, async () => {
        const filled = path.replace(/\{(\w+)\}/, (_match, kind: string) => String(ids[kind]));
        const { status, text } = await manage(method, filled, body, type ? { "content-type": type } : {});
        assert.ok(expected.includes(status), `${status} ${text}`);
      });
    }

    test("a start says where to look and when, and what else can be done", async () => {
      const answer = await manage("POST", "orchestrators/returns", 1);
      const links = answer.json() as Record<string, string>;
      assert.equal(answer.headers.get("location"), links["statusQueryGetUri"]);
      assert.equal(answer.headers.get("retry-after"), "10");
      for (const name of [
        "sendEventPostUri",
        "terminatePostUri",
        "purgeHistoryDeleteUri",
        "restartPostUri",
        "suspendPostUri",
        "resumePostUri",
      ])
        assert.ok(links[name]?.includes(`/instances/${links["id"]}`), name);
      await isIn(String(links["id"]), "Completed");
      assert.equal((await fetch(String(links["statusQueryGetUri"]))).status, 200);
      assert.equal((await fetch(String(links["purgeHistoryDeleteUri"]), { method: "DELETE" })).status, 200);
    });

    test("the status of one that runs says where to look again, and when", async () => {
      const answer = await manage("GET", `instances/${ids["running"]}`);
      assert.match(String(answer.headers.get("location")), new RegExp(`/instances/${ids["running"]}`));
      assert.equal(answer.headers.get("retry-after"), "5");
    });

    // Refused by the handler since it looks at the state (HandleDeleteHistoryByIdRequestAsync);
    // before, the history was removed under the instance.
    test("purging one that runs is refused, and it goes on", async () => {
      const id = await start("waitsFor", ["Go"]);
      await shows(id, { waitsFor: "Go" });
      assert.equal((await manage("DELETE", `instances/${id}`)).status, 412);
      await raise(id, "Go", 1);
      assert.deepEqual((await isIn(id, "Completed")).output, [1]);
    });

    // "Instance IDs must be between 1 and 100 characters, not start with @, and not contain /, \, #
    // or ? or control characters"
    // (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestrations#instance-ids);
    // DurableClient.cs, StartNewAsync.
    for (const id of ["@starts", "back%5Cslash", "hash%23mark", "question%3Fmark", "control%07character"]) {
      test(`no instance may be called ${id}`, async (t) => {
        const { status } = await manage("POST", `orchestrators/returns/${id}`, 1);
        // The handler of newer extensions creates the instance without StartNewAsync.
        if (status === 202) t.skip("this extension does not look at ids over HTTP");
        else assert.equal(status, 400);
      });
    }
    for (const id of [`${unknown}-.:_~!$&'()*+,;=`, `${unknown}-with%20space`, `${unknown}-ä`, `X${"x".repeat(60)}-${unknown}`]) {
      test(`an instance may be called ${decodeURIComponent(id)}`, async () => {
        const started = await start("returns", 1, id.replace("+", "%2B"));
        const expected = plusInId.map((read) => decodeURIComponent(id).replace("+", read));
        assert.ok(expected.includes(started), started);
        await isIn(encodeURIComponent(started), "Completed");
      });
    }

    // The client refuses it at once (StartNewAsync), or the dispatcher does later, and then the
    // instance fails.
    test("an orchestrator that the app does not have: refused at once, or the instance fails", async () => {
      const answer = await manage("POST", "orchestrators/thereIsNone", 1);
      if (answer.status === 202) await isIn(answer.json().id, "Failed");
      else assert.match(`${answer.status} ${answer.text}`, /^400 .*thereIsNone.* doesn.*t exist/);
    });
  });
}
