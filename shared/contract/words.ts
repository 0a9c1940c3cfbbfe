import * as z from "zod";
import { connectionSchema } from "./connection.ts";
import { readOnlyNames } from "./read-only.ts";

interface Words {
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

let words: Words | undefined;

/**
 * The words of the contract and of the service that are no secrets, whatever a key is: enumerated values, and names of JSON properties. Collected when they
 * are first needed, because that takes a part of the app's start.
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
