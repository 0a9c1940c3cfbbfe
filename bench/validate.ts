import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import request from "../examples/four-links.json" with { type: "json" };
import { validate } from "../shared/contract/validate.ts";
import { sealSecrets } from "../shared/sealing.ts";
import { measure, report } from "./measure.ts";

const AIM_MS = 1;
const TURNS = 2_000;

/** What a full request of four links costs the app before anything is asked of Azure, beside a compiled JSON Schema on the same document. */
export function benchValidate(): string {
  const { ticket, ...data } = request.data;
  const ticketText = JSON.stringify(ticket);
  const ring = new Map([["k1", randomBytes(32)]]);
  const sealed = sealSecrets(data, "vpn-bench", ring);
  const ajv = new Ajv2020({ strict: true });
  addFormats.default(ajv);
  const schema = ajv.compile(JSON.parse(readFileSync(join(import.meta.dirname, "..", "schemas", "request-data.schema.json"), "utf8")));
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
    report(measured, "ajv"),
    `Aim: a median below ${AIM_MS} ms for seal + validate: ${median < AIM_MS ? "met" : "missed"}.`,
  ].join("\n");
}
