import * as z from "zod";
import { connectionSchema } from "./connection.ts";
import { readOnlyNames } from "./read-only.ts";

interface Words {
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

let words: Words | undefined;

/**
 * Returns words that are not secrets, even if a key is the same: enumerated values and property
 * names of the contract and the service. They are collected when they are first needed, so that the
 * app starts faster.
 */
export function contractWords(): Words {
  words ??= collectWords();
  return words;
}

function collectWords(): Words {
  const names = new Set(["id", "name", "type", "etag", ...readOnlyNames]);
  const values = new Set(["Succeeded", "Updating", "Failed", "Deleting", "Canceled", "Connected", "Connecting", "NotConnected", "Unknown"]);
  JSON.stringify(z.toJSONSchema(connectionSchema, { unrepresentable: "any", io: "input" }), (_, node) => {
    for (const name of Object.keys(node?.properties ?? {})) names.add(name);
    for (const value of Array.isArray(node?.enum) ? node.enum : []) values.add(value);
    return node;
  });
  return { names, values };
}
