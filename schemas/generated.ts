import { asyncApi } from "./asyncapi.ts";
import { contractPage } from "./contract-page.ts";
import { jsonSchemas } from "./json-schema.ts";
import { typesText } from "./types.ts";
import { wrapProse } from "./wrap-prose.ts";

/** Returns the generated files of the contract: their text by path. */
export function generated(): Map<string, string> {
  const schemas = Object.entries(jsonSchemas()).map(([name, schema]) => [`schemas/${name}.schema.json`, jsonText(schema)] as const);
  return new Map([
    ...schemas,
    ["schemas/asyncapi.json", jsonText(asyncApi())],
    ["schemas/events.d.ts", typesText()],
    ["docs/contract.md", wrapProse(contractPage())],
  ]);
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
