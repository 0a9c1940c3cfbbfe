import { nearest } from "./nearest.ts";

/** Shorter secrets are removed by field name only: replacing them by value would tear holes into ordinary words. */
const SHORTEST_BY_VALUE = 8;
const REDACTED = "[redacted]";

/** Whether a field holds a secret, by its name, whatever its case and separators. */
export function isSecretField(name: string): boolean {
  return ["sharedkey", "presharedkey", "psk"].includes(name.toLowerCase().replaceAll(/[-_]/g, ""));
}

/** Names that were judged before: a request has few, and judging one takes longer than all else that is done to a field. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 1_000;

/** Whether a requester may have meant a secret by a name, which may be misspelt. Wide on purpose: the contract refuses all such names but one. */
export function suggestsSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const suggests =
    isSecretField(name) || /key|secret|psk|passw|passphrase/i.test(name) || nearest(name, ["sharedKey", "preSharedKey"]) !== undefined;
  if (judged.size < MOST_JUDGED) judged.set(name, suggests);
  return suggests;
}

/**
 * A secret field in JSON that a text quotes, escaped (`\"psk\"`) or not. Its value is a string up to the closing quote, a word, or else all that follows.
 * The bound on escapes keeps the search linear.
 */
const quotedSecret = /((\\{0,15})"(?:(?:pre[-_]?)?shared[-_]?key|psk)\2"\s*:\s*)(?:\2".*?(?<!\\)\2"|[\w.+-]+|.*)/gis;

/** Leaves out every field whose name says that it holds a secret, its value alone where a text quotes it; all else is kept, unknown fields too. */
export function withoutSecretFields(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(quotedSecret, `$1$2"${REDACTED}$2"`);
  if (Array.isArray(value)) return value.map(withoutSecretFields);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !isSecretField(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutSecretFields(field)]));
}

/**
 * Replaces every occurrence of the given secrets in all strings and names of a value, also where JSON or a URL escapes them. A text in which one is escaped
 * in any other way, or more often, is replaced as a whole.
 */
export function withoutSecretValues<T>(value: T, secrets: readonly string[]): T {
  const long = secrets.filter(isLong);
  if (long.length === 0) return value;
  // The longest first, because one secret may be a part of another.
  const usual = long.flatMap(usualSpellings).sort((a, b) => b.length - a.length);
  const readable = long.map(unescaped).filter(isLong);
  const clean = (text: string) => {
    const cut = usual.reduce((cleaned, spelling) => cleaned.replaceAll(spelling, REDACTED), text);
    const plain = unescaped(cut);
    return readable.some((secret) => plain.includes(secret)) ? REDACTED : cut;
  };
  const walk = (node: unknown): unknown => {
    if (typeof node === "string") return clean(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, field]) => [clean(name), walk(field)]));
  };
  return walk(value) as T;
}

const isLong = (secret: string) => secret.length >= SHORTEST_BY_VALUE;

function usualSpellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)];
}

/** Escapes of several kinds inside each other are undone this often; of one kind, at once. */
const MAX_DEPTH = 4;

/** A text as bytes, one a character, with the escapes of JSON, URLs, forms and HTML undone: secret and text are compared in this form only. */
function unescaped(text: string): string {
  let plain = bytesOf(text);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    plain = plain
      .replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replaceAll(/\\u([0-9a-f]{4})|&#x([0-9a-f]{1,4});/gi, (_, json: string, html: string) =>
        characterOf(Number.parseInt(json ?? html, 16)),
      )
      .replaceAll(/&#(\d{1,5});/g, (_, decimal: string) => characterOf(Number(decimal)))
      .replaceAll(/&(?:amp;)*(amp|quot|apos|lt|gt);/gi, (_, name: string) => signs[name.toLowerCase() as keyof typeof signs])
      .replaceAll("\\", "")
      .replaceAll("+", " ");
  }
  return plain;
}

const signs = { amp: "&", quot: '"', apos: "'", lt: "<", gt: ">" };
const bytesOf = (text: string) => Buffer.from(text).toString("latin1");
const characterOf = (code: number) => bytesOf(String.fromCharCode(code));
