import assert from "node:assert/strict";
import { test } from "node:test";
import { validateCancel } from "../../../functions/activities/validate-cancel.ts";
import type { ProvisioningRequest } from "../../../shared/durable/request.ts";

const judged = (data: unknown, ticket: string | null = null, requestSource = "/ticketing") =>
  validateCancel(
    { instanceId: "vpn-1", requestSource, data: JSON.stringify(data), ticket } as ProvisioningRequest,
    () => {},
    undefined as never,
  );

test("a cancellation names a request by source and id, as they were sent", async () => {
  for (const data of [
    { requestSource: "/ticketing", requestId: "6f1c2f1e" },
    { requestSource: "ä ~", requestId: "x".repeat(128) },
  ])
    assert.deepEqual(await judged(data, null, data.requestSource), { ok: data });
});

test("a cancellation of another source's request is refused, however alike the sources look", async () => {
  for (const requestSource of ["/ticketing/", "/Ticketing", "/ticketing/x", "/ticketin"]) {
    const settled = await judged({ requestSource, requestId: "1" });
    assert.ok("problem" in settled);
    assert.deepEqual([settled.problem.code, settled.problem.target], ["SourceNotAllowed", "/data/requestSource"]);
    assert.match(
      settled.problem.message,
      new RegExp(
        `^Only the source of a request may cancel it. The request is from "${requestSource}", the cancellation from "/ticketing".$`,
      ),
    );
  }
});

test("everything that is wrong is told at once, with its place", async () => {
  for (const [data, ...expected] of [
    [{ requestId: "1" }, "/data/requestSource MissingField"],
    [
      { requestSource: "", requestId: 7, why: "" },
      "/data/requestId InvalidType",
      "/data/requestSource InvalidFormat",
      "/data/why UnknownField",
    ],
    [{ requestSource: "a\nb", requestId: "x".repeat(129) }, "/data/requestId InvalidFormat", "/data/requestSource InvalidFormat"],
    ["text", "/data InvalidType"],
    [null, "/data InvalidType"],
    [[], "/data InvalidType"],
  ] as const) {
    const settled = await judged(data);
    assert.ok("problem" in settled);
    assert.equal(settled.problem.code, "InvalidRequest");
    assert.deepEqual(
      settled.problem.details.map(({ target, code }) => `${target} ${code}`),
      expected,
    );
  }
});

test("its ticket is judged as a request's is", async () => {
  const valid = { requestSource: "/ticketing", requestId: "1" };
  assert.deepEqual(await judged(valid, '{"id":1}'), { ok: valid });
  const settled = await judged(valid, '"RITM1"');
  assert.ok("problem" in settled && settled.problem.details[0]?.target === "/data/ticket");
});

test("a hostile cancellation gets a bounded list", async () => {
  const unknown = Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`k${index}`, Array(10).fill({})]));
  const settled = await judged({ ...unknown, requestSource: "/ticketing", requestId: "1", ["x".repeat(250_000)]: 1 });
  assert.ok("problem" in settled && settled.problem.code === "InvalidRequest");
  assert.equal(settled.problem.details.length, 201);
  assert.match(settled.problem.message, /^The cancellation has at least 200 errors; the first: /);
  assert.ok(JSON.stringify(settled.problem).length < 100_000);
});
