import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import request from "../examples/four-links.json" with { type: "json" };
import { validate } from "../shared/contract/validate.ts";
import { sealSecrets } from "../shared/secrets/sealing.ts";
import { formatTable, measure } from "./measure.ts";

const AIM_MS = 1;
const TURNS = 2_000;
const root = join(import.meta.dirname, "..");
/** For any message, however it is made. */
const WORST_MS = 300;
const WORST_MEGABYTES = 100;
/** The rows of the table of worst messages. */
const SHOWN = 10;

/** What a full request of four links costs the app before anything is asked of Azure, beside a compiled JSON Schema on the same document. */
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
    worstMessages(),
  ].join("\n");
}

/** What the dearest of the worst messages cost, from bytes to findings, in a process of their own with a small heap. */
function worstMessages(): string {
  const program = join(root, "test", "shared", "contract", "worst-messages-process.ts");
  const limits = ["--max-old-space-size=96", "--max-semi-space-size=8"];
  const { stdout, status } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...limits, program], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) return `The process that judges the worst messages ended with ${status}.`;
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
    `The dearest of ${costs.length} messages that were made to be dear, read, sealed and judged, processor time, least of 3 turns:`,
    ...rows,
    `Aim: ${WORST_MS} ms at most, and ${WORST_MEGABYTES} MB above the idle process: ${slowest.toFixed(0)} ms and ${most.toFixed(0)} MB, ${slowest <= WORST_MS && most <= WORST_MEGABYTES ? "met" : "missed"}.`,
  ].join("\n");
}
