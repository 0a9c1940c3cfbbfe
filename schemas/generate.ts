import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, runCommand } from "../tools/command-line.ts";
import { generated } from "./generated.ts";

// `npm run contract`: writes the published contract anew, after a change of shared/contract.

await runCommand(
  defineCommand("npm run contract", "Writes docs/contract.md and schemas/ after a change of shared/contract.", "npm run contract").action(
    () => {
      for (const [path, text] of generated()) {
        writeFileSync(join(import.meta.dirname, "..", path), text);
        console.log(path);
      }
    },
  ),
);
