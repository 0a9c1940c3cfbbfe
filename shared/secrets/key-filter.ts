import type { ArmError } from "../contract/problem.ts";
import { contractWords } from "../contract/words.ts";
import { keyFinderOf } from "./key-spellings.ts";
import { SHORTEST_SAFE_KEY } from "./pre-shared-key.ts";
import { hideQuotedSecrets, isSecretField, removeSecretFields } from "./redaction.ts";

/** Replaces an error text of Azure that contains a key. */
const TEXT_REMOVED = "[text removed: it contained the pre-shared key]";
/** Replaces a value, a name or a code. */
const REDACTED = "[redacted]";

/**
 * Error texts may be cut. So one end of a key with 16 characters or more counts as the key there.
 */
const SHORTEST_WITH_ENDS = 16;
const LENGTH_OF_END = 12;

/** The number of characters of one error or resource that are searched. The rest is removed. */
const MOST_SEARCHED = 524_288;
/** Each text counts as this many characters more, because each search has a fixed cost. */
const COST_OF_A_TEXT = 256;
const DEEPEST = 32;

/**
 * Removes the keys of a request from what Azure returned, before it becomes a part of an activity's
 * result. Decisions (retry, wait, next URL) use the unfiltered response.
 */
export interface KeyFilter {
  /**
   * Filters an error. A text that contains a key is replaced as a whole. Secret fields are removed.
   */
  error(error: ArmError): ArmError;
  /**
   * Filters a resource or a part of one. Secret fields are removed. A value is replaced if it is a
   * key or contains a key of eight characters or more. Ids, names and words of the contract stay.
   */
  resource<T>(value: T): T;
  /**
   * Filters a code or a state. A plain word stays unless it contains a key of eight characters or
   * more.
   */
  word(word: string): string;
  /** Filters a text. If it contains a key, it is replaced as a whole. */
  text(text: string): string;
}

/**
 * Names in Azure's errors
 * (https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors).
 * They stay even if a key is the same word.
 */
const errorNames = new Set(
  "code message target details innererror innerError additionalInfo type info value error errors status statusCode policyDefinitionDisplayName policyDefinitionName policyDefinitionId policyAssignmentDisplayName policyAssignmentName policyAssignmentId".split(
    " ",
  ),
);

/** Returns the filter for the keys of one request. */
export function keyFilterOf(keys: readonly string[]): KeyFilter {
  const given = keys.filter((key) => key !== "");
  if (given.length === 0) return { error: removeFields, resource: removeFields, word: (word) => word, text: (text) => text };
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
      const has = limitSearch(hasAnyKey);
      const clean = (node: unknown) =>
        mapJson(node, {
          text(text, name) {
            if (name === "code") return word(text);
            return has(text) ? TEXT_REMOVED : text;
          },
          name: (name) => (errorNames.has(name) || !has(name) ? name : REDACTED),
          number: (number) => (has(String(number)) ? TEXT_REMOVED : number),
          tooDeep: TEXT_REMOVED,
        });
      return {
        status,
        code: code === null ? null : hideQuotedSecrets(word(code)),
        message: message === null ? null : String(clean(message)),
        details: clean(details) as readonly unknown[],
        ...(target === undefined ? {} : { target: String(clean(target)) }),
        ...(innererror === undefined ? {} : { innererror: clean(innererror) }),
        ...(additionalInfo === undefined ? {} : { additionalInfo: clean(additionalInfo) }),
      };
    },
    resource<T>(value: T) {
      const has = limitSearch(hasLongKey);
      const cleaned = mapJson(value, {
        text(text, name) {
          if (["provisioningState", "connectionStatus"].includes(name)) return word(text);
          return isNeverKey(text, name) || !(isKey(text) || has(text)) ? text : REDACTED;
        },
        name: (name) => (contractWords().names.has(name) || !(isKey(name) || has(name)) ? name : REDACTED),
        number: (number) => (has(String(number)) ? REDACTED : number),
        tooDeep: REDACTED,
      });
      return cleaned as T;
    },
  };
}

function removeFields<T>(value: T): T {
  return removeSecretFields(value) as T;
}

/**
 * Returns true for resource names, ids and words of the contract, even if a key is the same word.
 */
function isNeverKey(text: string, name: string): boolean {
  if (["name", "type", "labels"].includes(name)) return true;
  return contractWords().values.has(text) || /^\/subscriptions\/[\w\-.()/]+$/i.test(text);
}

function endsOf(key: string): string[] {
  return key.length < SHORTEST_WITH_ENDS ? [] : [key.slice(0, LENGTH_OF_END), key.slice(-LENGTH_OF_END)];
}

/** Returns a search that returns true for every text after `MOST_SEARCHED` characters. */
function limitSearch(has: (text: string) => boolean): (text: string) => boolean {
  let left = MOST_SEARCHED;
  return (text) => {
    left -= text.length + COST_OF_A_TEXT;
    return left < 0 || has(text);
  };
}

interface Mapping {
  /** `name` is the name of the property that holds the text or the array around it. */
  readonly text: (text: string, name: string) => string;
  readonly name: (name: string) => string;
  /** Needed because a key may consist of digits. */
  readonly number: (number: number) => unknown;
  readonly tooDeep: string;
}

/**
 * Returns a copy of a JSON value with its texts, names and numbers mapped, and without its secret
 * fields. Of each text, what it quotes is hidden last: that may cut a key in two, and a part of a
 * key is not found.
 */
function mapJson(value: unknown, { text, name, number, tooDeep }: Mapping): unknown {
  const walk = (node: unknown, field: string, depth: number): unknown => {
    if (typeof node === "string") return hideQuotedSecrets(text(node, field));
    if (typeof node === "number") return number(node);
    if (typeof node !== "object" || node === null) return node;
    if (depth > DEEPEST) return tooDeep;
    if (Array.isArray(node)) {
      // An array of numbers may be the bytes of a text.
      if (node.length > 1 && node.every(Number.isInteger) && text(node.join(","), "") !== node.join(",")) return tooDeep;
      return node.map((item) => walk(item, field, depth + 1));
    }
    const fields = Object.entries(node).map(([key, item]) => [name(key), key, item] as const);
    const kept = fields.filter(([shown]) => !isSecretField(shown));
    return Object.fromEntries(kept.map(([shown, key, item]) => [shown, walk(item, key, depth + 1)]));
  };
  return walk(value, "", 0);
}
