import assert from "node:assert/strict";
import { test } from "node:test";
import { isMissingCode, preflightRules } from "../../../shared/arm/preflight-rules.ts";

test("an error of the preflight says that something is missing, except one about the links of a site", () => {
  const errors = Object.entries(preflightRules).filter(([, { severity }]) => severity === "error");
  assert.deepEqual(
    errors.map(([code]) => code).filter((code) => !isMissingCode(code)),
    ["LinkConnectionRequired"],
  );
  for (const code of ["BgpSettingsMissing", "NotChecked", "MissingField", "toString"]) assert.equal(isMissingCode(code), false, code);
});
