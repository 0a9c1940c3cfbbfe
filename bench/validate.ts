import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import request from "../examples/every-section.json" with { type: "json" };
import { validate } from "../shared/contract/validate.ts";
import { sealSecrets } from "../shared/secrets/sealing.ts";
import { formatTable, measure } from "./measure.ts";

const AIM_MS = 1;
const TURNS = 2_000;
const root = join(import.meta.dirname, "..");
/** The limits that every message must keep, in milliseconds and megabytes. */
const WORST_MS = 300;
const WORST_MEGABYTES = 100;
/** The number of rows in the table of worst messages. */
const SHOWN = 10;

/**
 * Measures sealing and validating a full request of four links, compared with a compiled JSON
 * Schema for the same document.
 */
export function benchValidate(): string {
  const { ticket, ...data } = request.data;
  const ticketText = JSON.stringify(ticket);
  const ring = new Map([["k1", randomBytes(32)]]);
  const sealed = sealSecrets(data, "vpn-bench", ring);
  const ajv = new Ajv2020({ strict: true });
  addFormats.default(ajv);
  const schema = ajv.compile(JSON.parse(readFileSync(join(root, "schemas", "request-data.schema.json"), "utf8")));
  const valid = (given: unknown) => validate(given, ticketText).valid;

  const measured = measure(
    [
      { name: "seal + validate", run: () => valid(sealSecrets(data, "vpn-bench", ring)) },
      { name: "seal", run: () => sealSecrets(data, "vpn-bench", ring) },
      { name: "validate", run: () => valid(sealed) },
      { name: "ajv", run: () => schema(request.data) || undefined },
    ],
    TURNS,
  );
  const median = measured[0]?.median ?? Number.NaN;
  const bytes = JSON.stringify(request).length;
  return [
    `A request of four links, ${bytes} bytes, ${TURNS} turns:`,
    formatTable(measured, "ajv"),
    `Aim: a median below ${AIM_MS} ms for seal + validate: ${median < AIM_MS ? "met" : "missed"}.`,
    "",
    measureWorstMessages(),
  ].join("\n");
}

/** Measures the worst messages from bytes to findings, in another process with a small heap. */
function measureWorstMessages(): string {
  const program = join(root, "test", "shared", "contract", "worst-messages-process.ts");
  const limits = ["--max-old-space-size=96", "--max-semi-space-size=8"];
  const { stdout, status } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...limits, program], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) return `The process for the worst messages ended with exit code ${status}.`;
  const costs = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; bytes: number; milliseconds: number; above: number })
    .sort((a, b) => b.milliseconds - a.milliseconds);
  const rows = costs
    .slice(0, SHOWN)
    .map(({ name, bytes, milliseconds }) => `${name.padEnd(48)}${String(bytes).padStart(9)}${milliseconds.toFixed(0).padStart(6)} ms`);
  const [slowest = 0, most = 0] = [costs[0]?.milliseconds, Math.max(...costs.map(({ above }) => above))];
  return [
    `The most expensive of ${costs.length} worst messages, read, sealed and validated, processor time, least of 3 turns:`,
    ...rows,
    `Aim: ${WORST_MS} ms at most, and ${WORST_MEGABYTES} MB above the idle process: ${slowest.toFixed(0)} ms and ${most.toFixed(0)} MB, ${slowest <= WORST_MS && most <= WORST_MEGABYTES ? "met" : "missed"}.`,
  ].join("\n");
}
