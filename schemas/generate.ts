import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generated } from "./generated.ts";

// `npm run contract`: writes the published contract anew, after a change of shared/contract.

for (const [path, text] of generated()) {
  writeFileSync(join(import.meta.dirname, "..", path), text);
  console.log(path);
}
