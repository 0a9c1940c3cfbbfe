import assert from "node:assert/strict";
import { test } from "node:test";
import { correlationIdOf } from "../../shared/correlation-id.ts";

test("the correlation id is a GUID made of the instance id", () => {
  assert.equal(correlationIdOf("vpn-6fec4dfa1dcd8d54cacabf83fa04c7a71aa91596"), "6fec4dfa-1dcd-8d54-caca-bf83fa04c7a7");
});
