import assert from "node:assert/strict";
import { test } from "node:test";
import { createControl } from "../../../local/azure/control.ts";
import { createFaults, type Fault } from "../../../local/azure/faults.ts";

// A fault script that is wrong is refused with a sentence, as a whole: half of a script is a
// different one.

function scripted(text: string) {
  const faults = createFaults();
  const control = createControl<Fault>({ faults, faultOf: (given) => given, seen: [] });
  const answer = control.handle({
    method: "POST",
    url: "/local/faults",
    path: "/local/faults",
    query: new URLSearchParams(),
    headers: {},
    text,
  });
  return { faults, status: answer.status, message: (answer.body as { message: string } | undefined)?.message ?? "" };
}

const good = '{"connection":"c","on":"get","status":500}';
const wrong: readonly (readonly [script: string, says: RegExp])[] = [
  ["null", /^A fault is an object\.$/],
  [
    '{"connection":"c","on":"put","operation":{"ends":"Failed"}}',
    /^`operation` of a fault has no field ends; it has end, error, seconds, lagSeconds\.$/,
  ],
  ['{"connection":"c","on":"get","respond":{}}', /^`respond` of a fault has a `status`, a whole number\.$/],
  ['{"connection":"c","on":"get","reset":"later"}', /^`reset` of a fault is one of before, during, after\.$/],
  ['{"connection":"c","on":"get","delaySeconds":"5"}', /^`delaySeconds` of a fault is a number\.$/],
  ['{"connection":"c","on":"get","shows":{"link":"Failed"}}', /^`shows` of a fault has no field link; it has connection, links\.$/],
  ['{"connection":"c","on":"get","times":"never"}', /^`times` of a fault is a whole number from 1 on, or "always"\.$/],
  ['{"connection":"c","on":"get","after":"2nd"}', /^`after` of a fault is a whole number from 0 on\.$/],
  ['{"connection":"c","on":"got"}', /^A fault is `on` put,/],
];
for (const [script, says] of wrong) {
  test(`${script} is refused, and so is what stands before it`, () => {
    assert.match(scripted(script).message, says);
    const { status, message, faults } = scripted(`[${good},${script}]`);
    assert.equal(status, 400);
    assert.match(message, says);
    assert.equal(faults.take("c", "get"), undefined);
  });
}
