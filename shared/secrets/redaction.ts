import { findNearest } from "../find-nearest.ts";

const REDACTED = "[redacted]";

/**
 * Returns true if a field's name says that it holds a secret: `sharedKey` or `psk`, also as a part
 * of a name such as `connectionSharedKeyValue`. Letter case and separators are ignored.
 */
export function isSecretField(name: string): boolean {
  return /(sharedkey|psk)(value|text|string)?$/.test(name.toLowerCase().replaceAll(/[-_]/g, ""));
}

/**
 * Results of `suggestsSecret`. Requests repeat few names, and the check is the slowest of a field.
 */
const suggestions = new Map<string, boolean>();
const MOST_REMEMBERED = 1_000;

/**
 * Returns true if a requester may have meant a secret by a name, even a misspelt one. It includes
 * many names on purpose: the contract refuses all of them but `sharedKey`.
 */
export function suggestsSecret(name: string): boolean {
  const known = suggestions.get(name);
  if (known !== undefined) return known;
  const suggests =
    /key|secret|psk|pwd|pass/i.test(name.replaceAll(/[-_\s]/g, "")) || findNearest(name, ["sharedKey", "preSharedKey"]) !== undefined;
  if (suggestions.size < MOST_REMEMBERED) suggestions.set(name, suggests);
  return suggests;
}

/**
 * Matches the names of `isSecretField` in a text. The limit on the prefix keeps the search linear.
 */
const name = String.raw`[\w.-]{0,40}?(?:shared[-_]?key|psk)(?:value|text|string)?`;
/**
 * Matches a secret field in JSON, also in escaped JSON (`\"psk\"`). Its value is a string up to the
 * closing quote, or a word, or otherwise the whole rest of the text.
 */
const inJson = new RegExp(String.raw`((\\{0,15})"${name}\2"\s*:\s*)(?:\2".*?(?<!\\)\2"|[\w.+-]+|.*)`, "gis");
/**
 * Matches a secret in single quotes, as in scripts: `sharedKey='…'`, `'sharedKey': '…'`. A quote
 * that is followed by a letter or a similar character is a part of the value.
 */
const inSingleQuotes = new RegExp(String.raw`(\b${name}'?\s{0,9}[=:]\s{0,9})'.*?(?:'(?![^\s,;.)\]}<])|$)`, "gis");
const inXml = new RegExp(String.raw`(<(?:\w{1,20}:)?${name}(?:\s[^<>]{0,200})?>).*?(?=</|$)`, "gis");

/** Matches in each text that quotes a secret field. It is tried first: most texts quote none. */
const inAnyQuotation = /shared[-_]?key|psk/i;

/** Returns a text in which the values of quoted secret fields are replaced. */
export function hideQuotedSecrets(text: string): string {
  if (!inAnyQuotation.test(text)) return text;
  const json = text.replaceAll(inJson, `$1$2"${REDACTED}$2"`);
  return json.replaceAll(inSingleQuotes, `$1'${REDACTED}'`).replaceAll(inXml, `$1${REDACTED}`);
}

/**
 * Returns a copy of a JSON value without its secret fields. If a text quotes such a field, only the
 * value is replaced. Everything else stays, including unknown fields.
 */
export function removeSecretFields(value: unknown): unknown {
  if (typeof value === "string") return hideQuotedSecrets(value);
  if (Array.isArray(value)) return value.map(removeSecretFields);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !isSecretField(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, removeSecretFields(field)]));
}
