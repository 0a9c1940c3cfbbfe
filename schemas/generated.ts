import { asyncApi } from "./asyncapi.ts";
import { contractPage } from "./contract-page.ts";
import { jsonSchemas } from "./json-schema.ts";
import { typesText } from "./types.ts";

/** The published contract: the text of every file that is made from shared/contract, by its path. */
export function generated(): Map<string, string> {
  const schemas = Object.entries(jsonSchemas()).map(([name, schema]) => [`schemas/${name}.schema.json`, jsonText(schema)] as const);
  return new Map([
    ...schemas,
    ["schemas/asyncapi.json", jsonText(asyncApi())],
    ["schemas/events.d.ts", typesText()],
    ["docs/contract.md", contractPage()],
  ]);
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
