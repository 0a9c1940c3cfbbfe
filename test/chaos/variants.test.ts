import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { check } from "./checker.ts";
import { type Asked, type Letter, again as repeated, requestLetter, type Wish } from "./letters.ts";
import type { Plan, Step } from "./plan.ts";
import { playScene } from "./scenes.ts";
import { carryOut } from "./scheduler.ts";
import { buildVariant, type Variant } from "./variants/build.ts";

// Whether the checker works is seen when something is broken: here the product is built with one
// promise broken at a time, and each is given an occasion to show it.

const asked = (id: string): Asked => ({ source: "/chaos/variants", id, payload: "only" });
const wish: Wish = { gateway: "gateway1", connection: "first", bandwidth: 100, key: null };

/** Messages one after the other, to a Resource Manager whose operations take so long. */
function messages(seconds: number, ...letters: readonly Letter[]): Plan {
  const weather = { name: "slow", faults: [{ connection: "*", on: "put" as const, times: "always" as const, operation: { seconds } }] };
  const steps = letters.map((letter, index): Step => ({ at: index * 200, act: { kind: "send", letter, weather } }));
  // The last disturbance ends the script: until then the PUTs have come, on a busy machine too.
  steps.push({ at: 3_000, act: { kind: "outage", weather } });
  return { steps, closing: [], gateways: ["gateway1"], secrets: [], vault: {} };
}

/** A scene, and after it the same messages again. */
function scene(name: Parameters<typeof playScene>[0]): Plan {
  const { steps, letters, gateway } = playScene(name, "variant", "gateway2", { beginsAt: 0, alone: true });
  const again = letters.map((letter): Step => ({ at: 0, act: { kind: "send", letter: repeated(letter) } }));
  // Where an instance was terminated, somebody has to come for its gateway.
  const last = requestLetter(asked("last"), { ...wish, gateway }, { messageId: "last" });
  return { steps, closing: [[{ at: 0, act: { kind: "send", letter: last } }], again], gateways: [gateway], secrets: [], vault: {} };
}
const one = requestLetter(asked("one"), wish, { messageId: "one" });
const oneAgain = requestLetter(asked("one"), wish, { messageId: "one-again" });
const two = requestLetter(asked("two"), { ...wish, connection: "second" }, { messageId: "two" });

const occasions: Readonly<Record<Exclude<Variant, "killing-activity">, readonly [plan: Plan, violation: RegExp]>> = {
  "lease-removed": [messages(600, one, two), /A PUT of request \/chaos\/variants \w+ reached gateway1 at .* while operation .* ran there/],
  "fence-removed": [scene("outrun"), /Request \/chaos\/scenes variant-outrun-older .* wrote .* after the newer request .*-newer/],
  "identity-removed": [messages(30, one, oneAgain), /Request \/chaos\/variants one .* has \d event ids/],
  "publish-before-verify": [messages(600, one), /says Succeeded before operation .* ended/],
  "claim-overwritten": [scene("stranded"), /Event .* has 2 contents/],
  "keys-remembered-early": [scene("rekeyed"), /rekeyed-refused-again ended as Unchanged .* the last PUT, at .*, has failed/],
  "keys-not-forgotten": [scene("rekeyed"), /rekeyed-back ended as Unchanged .* the last PUT, at .*, had another key/],
  "put-without-read": [messages(30, one), /Request \/chaos\/variants one sent a PUT at .* without having read the connection/],
};

for (const [variant, [plan, violation]] of Object.entries(occasions)) {
  test(`the checker finds it: ${variant}`, async () => {
    const app = await buildVariant(variant as Variant);
    try {
      const found = check(await carryOut(plan, { app }));
      assert.ok(
        found.some((sentence) => violation.test(sentence)),
        `found: ${found.join(" ")}`,
      );
    } finally {
      rmSync(app, { recursive: true });
    }
  });
}

test("the checker finds nothing where the product is whole", async () => {
  const whole = [messages(30, one, two, oneAgain), scene("stranded"), scene("outrun"), scene("rekeyed")];
  for (const plan of whole) assert.deepEqual(check(await carryOut(plan)), []);
});
