import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { check } from "./checker.ts";
import { planOf } from "./plan.ts";
import { carryOut } from "./scheduler.ts";

// `npm run chaos -- --seed N --minutes M`: round after round, each on a stack of its own with the next seed, until the time is over or a promise is broken.
// The durable engine is rough, with the seed of the round; `--calm` leaves it calm.

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
    calm: { type: "boolean", default: false },
  },
});
const size = values.short ? "short" : "full";
const first = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
const until = performance.now() + Number(values.minutes) * 60_000;
if (!Number.isSafeInteger(first) || Number.isNaN(until)) throw new Error("--seed takes a whole number, --minutes a number.");

for (let seed = first; seed === first || (performance.now() < until && !process.exitCode); seed++) {
  console.log(`Seed ${seed}`);
  const trace = await carryOut(planOf(seed, size), { rough: values.calm ? undefined : seed, tell: console.log });
  const violations = check(trace);
  const { sent, received, calls, killed, terminated } = trace;
  const puts = calls.filter(({ operation }) => operation).length;
  console.log(
    `Seed ${seed}: ${sent.length} messages sent, ${received.length} events, ${puts} operations, ${killed.length} kills, ${terminated.length} terminations; ${violations.length} violations.`,
  );
  if (violations.length === 0) continue;
  const file = join(import.meta.dirname, "..", "..", ".local", `chaos-${seed}.json`);
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(trace, undefined, 1), { mode: 0o600 });
  console.error(
    `${violations.map((violation) => `  ${violation}`).join("\n")}\nThe trace is in ${file}. The same disturbances again: npm run chaos -- --seed ${seed} --minutes 0${values.short ? " --short" : ""}${values.calm ? " --calm" : ""}`,
  );
  process.exitCode = 1;
}
