import assert from "node:assert/strict";
import { test } from "node:test";
import { findVaultKeyFault } from "../../../shared/secrets/vault-key-fault.ts";

const key = "S3cretOfTheBranch";
const faults: readonly (readonly [value: string, says: string])[] = [
  [`${key}\n`, "ends with a line feed"],
  [`\n${key}`, "starts with a line feed"],
  [`${key}\r\n`, "ends with a line break (CR LF)"],
  [`${key}\r`, "ends with a carriage return"],
  [`${key} `, "ends with a space"],
  [` ${key}`, "starts with a space"],
  [` ${key}\n`, "starts with a space and ends with a line feed"],
  [`${key}\t`, "ends with a tab"],
  [`${key}\u00a0`, "ends with a no-break space"],
  [`\ufeff${key}`, "starts with a byte order mark"],
  [`${"x".repeat(128)}\n`, "ends with a line feed"],
  ["", "is empty"],
  ["   ", "has only blanks and line breaks"],
  ["\r\n", "has only blanks and line breaks"],
  ["x".repeat(129), "has more than 128 characters"],
  ["schlüssel-der-filiale", "has a character that is not printable ASCII"],
  [`${key}\n${key}`, "has a character that is not printable ASCII"],
  [`${key}\u0000`, "has a character that is not printable ASCII"],
];
for (const [value, says] of faults) {
  test(`${JSON.stringify(value.slice(0, 30))} ${says}`, () => assert.equal(findVaultKeyFault(value), says));
}

test("what is only unusual is used", () => {
  for (const value of ["k", "two words", "a-b~c", "x".repeat(128)]) assert.equal(findVaultKeyFault(value), undefined, value);
});
