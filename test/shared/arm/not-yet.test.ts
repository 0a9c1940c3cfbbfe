import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "../../../shared/arm/errors.ts";
import { keyFilterOf } from "../../../shared/secrets/key-filter.ts";

// Errors that say "not yet": they are tried again, and the requester may send the request again.

const refused = (status: number, error: object) =>
  refusalOf({ status, headers: {}, text: JSON.stringify({ error }) }, "create the connection", keyFilterOf([]));

for (const code of ["InvalidResourceReference", "ParentVirtualHubMustHaveProvisionedRoutingState", "VirtualHubNotProvisioned"])
  for (const status of [400, 409])
    test(`${code} with HTTP ${status} is tried again, then retryable`, () => {
      const inner = JSON.stringify({ error: { code, message: "m" } });
      for (const error of [
        { code, message: "m" },
        { code: "BadRequest", message: "m", details: [{ code }] },
        { code: "Bad", message: inner },
      ]) {
        const settled = refused(status, error);
        assert.ok("later" in settled, JSON.stringify(error));
        const { class: reason, problem } = settled.later;
        assert.deepEqual([reason, problem.code, problem.retryable, problem.actor], ["transient", "RequestRefused", true, "nobody"]);
      }
    });

test("a request that Azure refuses for its content is still final", () => {
  const settled = refused(400, { code: "InvalidAssociatedRouteTable", message: "m" });
  assert.ok("problem" in settled && settled.problem.retryable === false);
});
