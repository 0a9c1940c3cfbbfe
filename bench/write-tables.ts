import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceTable } from "../tools/doc-tables.ts";
import { durations, measureCounts } from "./cost/counts.ts";
import { priceFile, readPrices } from "./cost/prices.ts";
import { costTables } from "./cost/tables.ts";
import { scaleTables } from "./simulation/scale-tables.ts";
import { measureHistories, tableOfWaiting } from "./waiting-cost.ts";

// `node local/node.js bench/write-tables.ts` writes the tables of docs/scale.md and docs/cost.md,
// and the table "what waiting costs" of docs/architecture.md anew: after a change of
// bench/work-per-request.ts, of infra/prices.json, of the rules of polling, or of what an activity
// keeps in the history.

const root = join(import.meta.dirname, "..");
execFileSync(process.execPath, [join(root, "build.ts"), "--quiet"], { stdio: "inherit" });
write("docs/scale.md", scaleTables());
write("docs/cost.md", costTables(await measureCounts({ requests: 1, durations }), readPrices(priceFile)));
write("docs/architecture.md", { waiting: tableOfWaiting(measureHistories()) });

function write(path: string, tables: Readonly<Record<string, string>>): void {
  const file = join(root, path);
  const text = Object.entries(tables).reduce((document, [name, table]) => replaceTable(document, name, table), readFileSync(file, "utf8"));
  writeFileSync(file, text);
  console.log(path);
}
