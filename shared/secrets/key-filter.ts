import type { ArmError } from "../contract/problem.ts";
import { contractWords } from "../contract/words.ts";
import { keyFinderOf } from "./key-spellings.ts";
import { SHORTEST_SAFE_KEY } from "./pre-shared-key.ts";
import { removeSecretFields } from "./redaction.ts";

/** Stands for an error text of Azure that contains a key. */
const TEXT_REMOVED = "[text removed: it contained the pre-shared key]";
/** Stands for a value, a name or a code. */
const REDACTED = "[redacted]";

/** Of a key of 16 characters or more, either end alone counts as the key in an error text, because texts are cut short. */
const SHORTEST_WITH_ENDS = 16;
const LENGTH_OF_END = 12;

/** One answer is searched up to this many characters. What comes after them is removed. */
const MOST_SEARCHED = 524_288;
/** What the search of one text costs, however short it is, in characters. */
const COST_OF_A_TEXT = 256;
const DEEPEST = 32;

/**
 * Keeps the keys of a request out of what Azure sent, before it becomes a part of an activity's answer. Everything that is decided by Azure's words is
 * decided before, on the words as they came.
 */
export interface KeyFilter {
  /** An error: each text that contains a key is replaced as a whole, and fields of secrets are left out. */
  error(error: ArmError): ArmError;
  /**
   * A resource, or a part of one: fields of secrets are left out, and values that are a key, or contain one of eight characters or more, are replaced. Ids,
   * names and the contract's words are left.
   */
  resource<T>(value: T): T;
  /** A code or a state of Azure: a plain word is left unless it contains a key of eight characters or more. */
  word(word: string): string;
  /** A sentence of any length. */
  text(text: string): string;
}

/** Names that Azure's errors have (https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors): no keys, whatever a key is. */
const errorNames = new Set(
  "code message target details innererror innerError additionalInfo type info value error errors status statusCode policyDefinitionDisplayName policyDefinitionName policyDefinitionId policyAssignmentDisplayName policyAssignmentName policyAssignmentId".split(
    " ",
  ),
);

/** Makes the filter for the keys of one request. */
export function keyFilterOf(keys: readonly string[]): KeyFilter {
  const given = keys.filter((key) => key !== "");
  if (given.length === 0) return { error: withoutFields, resource: withoutFields, word: (word) => word, text: (text) => text };
  const isKey = (text: string) => given.includes(text);
  const hasLongKey = keyFinderOf(given.filter(({ length }) => length >= SHORTEST_SAFE_KEY));
  const hasAnyKey = keyFinderOf([...given, ...given.flatMap(endsOf)]);

  const word = (text: string) => {
    if (contractWords().values.has(text)) return text;
    const isWord = /^[A-Za-z][\w.]{0,99}$/.test(text);
    return (isWord ? hasLongKey : hasAnyKey)(text) ? REDACTED : text;
  };

  return {
    word,
    text: (text) => (hasAnyKey(text) ? TEXT_REMOVED : text),
    error({ status, code, message, details, target, innererror, additionalInfo }) {
      const has = withinBounds(hasAnyKey);
      const clean = (node: unknown) =>
        mapped(node, {
          text: (text, name) => (name === "code" ? word(text) : has(text) ? TEXT_REMOVED : text),
          name: (name) => (errorNames.has(name) || !has(name) ? name : REDACTED),
          number: (number) => (has(String(number)) ? TEXT_REMOVED : number),
          tooDeep: TEXT_REMOVED,
        });
      return withoutFields({
        status,
        code: code === null ? null : word(code),
        message: message === null ? null : String(clean(message)),
        details: clean(details) as readonly unknown[],
        ...(target === undefined ? {} : { target: String(clean(target)) }),
        ...(innererror === undefined ? {} : { innererror: clean(innererror) }),
        ...(additionalInfo === undefined ? {} : { additionalInfo: clean(additionalInfo) }),
      });
    },
    resource<T>(value: T) {
      const has = withinBounds(hasLongKey);
      const cleaned = mapped(value, {
        text(text, name) {
          if (["provisioningState", "connectionStatus"].includes(name)) return word(text);
          return isLeft(text, name) || !(isKey(text) || has(text)) ? text : REDACTED;
        },
        name: (name) => (contractWords().names.has(name) || !(isKey(name) || has(name)) ? name : REDACTED),
        number: (number) => (has(String(number)) ? REDACTED : number),
        tooDeep: REDACTED,
      });
      return withoutFields(cleaned as T);
    },
  };
}

/** Comes last: it cuts texts by the names of fields, and half a key would not be found any more. */
function withoutFields<T>(value: T): T {
  return removeSecretFields(value) as T;
}

/** What a resource is called, and what the contract enumerates, is no key, even if a key is the same word. */
function isLeft(text: string, name: string): boolean {
  if (["name", "type", "labels"].includes(name)) return true;
  return contractWords().values.has(text) || /^\/subscriptions\/[\w\-.()/]+$/i.test(text);
}

function endsOf(key: string): string[] {
  return key.length < SHORTEST_WITH_ENDS ? [] : [key.slice(0, LENGTH_OF_END), key.slice(-LENGTH_OF_END)];
}

/** A search that, after so many characters, finds something everywhere. */
function withinBounds(has: (text: string) => boolean): (text: string) => boolean {
  let left = MOST_SEARCHED;
  return (text) => {
    left -= text.length + COST_OF_A_TEXT;
    return left < 0 || has(text);
  };
}

interface Mapping {
  /** `name` is that of the field, or of the list's field. */
  readonly text: (text: string, name: string) => string;
  readonly name: (name: string) => string;
  /** A key may be digits. */
  readonly number: (number: number) => unknown;
  readonly tooDeep: string;
}

/** A value of JSON with its texts, names and numbers mapped. */
function mapped(value: unknown, { text, name, number, tooDeep }: Mapping): unknown {
  const walk = (node: unknown, field: string, depth: number): unknown => {
    if (typeof node === "string") return text(node, field);
    if (typeof node === "number") return number(node);
    if (typeof node !== "object" || node === null) return node;
    if (depth > DEEPEST) return tooDeep;
    if (Array.isArray(node)) {
      // A list of numbers may be the bytes of a text.
      if (node.length > 1 && node.every(Number.isInteger) && text(node.join(","), "") !== node.join(",")) return tooDeep;
      return node.map((item) => walk(item, field, depth + 1));
    }
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [name(key), walk(item, key, depth + 1)]));
  };
  return walk(value, "", 0);
}
