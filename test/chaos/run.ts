import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildApp } from "../../local/build-app.ts";
import { numberReader } from "../../local/command-options.ts";
import { defineCommand, runCommand } from "../../tools/command-line.ts";
import { check } from "./checker.ts";
import { planOf } from "./plan.ts";
import { carryOut } from "./scheduler.ts";

// `npm run chaos -- --seed N --minutes M`: round after round, each on its own stack with the
// next seed, until the time is over or a promise is broken. The durable engine is rough, with the
// seed of the round; `--calm` leaves it calm.

interface Options {
  readonly seed?: number;
  readonly minutes: number;
  readonly short?: true;
  readonly calm?: true;
}

const readSeed = numberReader({ least: 0, most: Number.MAX_SAFE_INTEGER, whole: true });
const readMinutes = numberReader({ least: 0, most: 100_000 });

await runCommand(
  defineCommand(
    "npm run chaos",
    "Disturbs everything at once, and checks that every promise holds.",
    "npm run chaos -- --seed 7 --minutes 5",
  )
    .option("--seed <number>", "the seed of the first round; drawn if left out", readSeed)
    .option("--minutes <number>", "how long rounds are begun", readMinutes, 1)
    .option("--short", "short rounds")
    .option("--calm", "leave the durable engine calm")
    .action(disturb),
);

async function disturb(values: Options): Promise<void> {
  buildApp({ quiet: true });
  const size = values.short ? "short" : "full";
  const first = values.seed ?? Math.floor(Math.random() * 1_000_000);
  const until = performance.now() + values.minutes * 60_000;
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
}
