import { after, before, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { startSample } from "./host.ts";

// An orchestration may hand on what is no JSON. Whatever comes of it, it is an end of the instance,
// and never of the host.

let sample: Awaited<ReturnType<typeof startSample>>;
before(async () => {
  sample = await startSample();
});
after(() => sample.stop());

const rows = [
  ["output", "circular", "Failed"],
  ["output", "bigint", "Failed"],
  ["output", "function", "Completed"],
  ["output", "undefined", "Completed"],
  ["customStatus", "circular", "Failed"],
  ["customStatus", "bigint", "Failed"],
  ["customStatus", "function", "Completed"],
  ["customStatus", "undefined", "Completed"],
  ["activity", "circular", "Failed"],
  ["activity", "bigint", "Failed"],
  ["activity", "function", "Completed"],
  ["activity", "undefined", "Completed"],
  ["entity", "circular", "Failed"],
  ["entity", "bigint", "Failed"],
  ["entity", "undefined", "Completed"],
  ["timer", "date", "Failed"],
  ["continueAsNew", "circular", "Failed"],
  ["continueAsNew", "bigint", "Failed"],
] as const;
for (const [where, what, state] of rows) {
  test(`${what} as ${where}: ${state}`, async () => {
    const id = await sample.start("strange", { where, what });
    await eventually(`it is ${state}`, async () => (await sample.statusOf(id)).runtimeStatus === state, 5_000);
  });
}
