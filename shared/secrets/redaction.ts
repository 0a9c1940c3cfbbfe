import { findNearest } from "../find-nearest.ts";

const REDACTED = "[redacted]";

/** Whether a field holds a secret, by its name, whatever its case and separators: `sharedKey`, also as a part, as in `connectionSharedKeyValue`. */
export function isSecretField(name: string): boolean {
  return /(sharedkey|psk)(value|text|string)?$/.test(name.toLowerCase().replaceAll(/[-_]/g, ""));
}

/** Names that were judged before: a request has few, and judging one takes longer than all else that is done to a field. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 1_000;

/** Whether a requester may have meant a secret by a name, which may be misspelt. Wide on purpose: the contract refuses all such names but one. */
export function suggestsSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const suggests =
    /key|secret|psk|pwd|pass/i.test(name.replaceAll(/[-_\s]/g, "")) || findNearest(name, ["sharedKey", "preSharedKey"]) !== undefined;
  if (judged.size < MOST_JUDGED) judged.set(name, suggests);
  return suggests;
}

/** The names of isSecretField in a text. The bound on what stands before keeps the search linear. */
const name = String.raw`[\w.-]{0,40}?(?:shared[-_]?key|psk)(?:value|text|string)?`;
/** A secret field in JSON, escaped (`\"psk\"`) or not. Its value is a string up to the closing quote, a word, or else all that follows. */
const inJson = new RegExp(String.raw`((\\{0,15})"${name}\2"\s*:\s*)(?:\2".*?(?<!\\)\2"|[\w.+-]+|.*)`, "gis");
/** In single quotes, as scripts and sentences have it: `sharedKey='…'`, `'sharedKey': '…'`. A quote before a letter or the like is a part of the value. */
const inSingleQuotes = new RegExp(String.raw`(\b${name}'?\s{0,9}[=:]\s{0,9})'.*?(?:'(?![^\s,;.)\]}<])|$)`, "gis");
const inXml = new RegExp(String.raw`(<(?:\w{1,20}:)?${name}(?:\s[^<>]{0,200})?>).*?(?=</|$)`, "gis");

/** Leaves out every field whose name says that it holds a secret, its value alone where a text quotes it; all else is kept, unknown fields too. */
export function withoutSecretFields(value: unknown): unknown {
  if (typeof value === "string") {
    const json = value.replaceAll(inJson, `$1$2"${REDACTED}$2"`);
    return json.replaceAll(inSingleQuotes, `$1'${REDACTED}'`).replaceAll(inXml, `$1${REDACTED}`);
  }
  if (Array.isArray(value)) return value.map(withoutSecretFields);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !isSecretField(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutSecretFields(field)]));
}
