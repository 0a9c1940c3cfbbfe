import type { Filter, FilteredProperties } from "./filtered-properties.ts";
import { type Token, tokensOf } from "./sql-tokens.ts";

/*
 * Supports the part of the rule language that is a predicate over properties and constants
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-messaging-sql-filter):
 * comparisons, AND, OR, NOT, parentheses, [NOT] IN, [NOT] LIKE with ESCAPE, IS [NOT] NULL, EXISTS.
 * Refuses arithmetic, functions and parameters.
 */

/** Undefined means unknown: the message does not have the property, or has it as null. */
type Truth = boolean | undefined;
type Value = string | number | boolean | undefined;
type Predicate = (properties: FilteredProperties) => Truth;
type Operand = (properties: FilteredProperties) => unknown;

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};
const systemProperties = [
  "MessageId",
  "CorrelationId",
  "To",
  "ReplyTo",
  "Label",
  "Subject",
  "SessionId",
  "ReplyToSessionId",
  "ContentType",
];

/**
 * Creates a filter from an SQL expression. Throws a sentence with the position if it is wrong or
 * not supported.
 */
export function createSqlFilter(sql: string): Filter {
  const tokens = tokensOf(sql);
  let position = 0;
  const peek = () => tokens[position] as Token;
  const accept = (kind: Token["kind"], ...texts: readonly string[]): Token | undefined => {
    const token = peek();
    if (token.kind !== kind || (texts.length > 0 && !texts.includes(token.text))) return undefined;
    position++;
    return token;
  };
  const refuse = (wanted: string): never => {
    const { text, at, kind } = peek();
    const unsupported = kind === "symbol" && /^[+\-*/%@]$/.test(text);
    throw new Error(
      unsupported
        ? `uses ${text === "@" ? "a parameter" : "arithmetic"} (${text}) at position ${at}, which the local Service Bus does not support; use a real namespace.`
        : `needs ${wanted} at position ${at}; found ${text}.`,
    );
  };
  const expect = (kind: Token["kind"], text: string) => accept(kind, text) ?? refuse(text);

  const parseOr = (): Predicate => {
    const first = parseAnd();
    if (!accept("keyword", "OR")) return first;
    const rest = parseOr();
    return (properties) => or(first(properties), rest(properties));
  };
  const parseAnd = (): Predicate => {
    const first = parseNot();
    if (!accept("keyword", "AND")) return first;
    const rest = parseAnd();
    return (properties) => not(or(not(first(properties)), not(rest(properties))));
  };
  const parseNot = (): Predicate => {
    if (!accept("keyword", "NOT")) return parseCondition();
    const negated = parseNot();
    return (properties) => not(negated(properties));
  };
  const parseCondition = (): Predicate => {
    if (accept("symbol", "(")) {
      const inner = parseOr();
      expect("symbol", ")");
      return inner;
    }
    if (accept("keyword", "EXISTS")) {
      expect("symbol", "(");
      const named = parseProperty("a property");
      expect("symbol", ")");
      return (properties) => named(properties) !== undefined;
    }
    const isProperty = peek().kind === "identifier";
    const left = parseOperand("a property or a constant");
    const comparison = accept("symbol", ...Object.keys(comparisons));
    if (comparison) {
      const right = parseOperand("a property or a constant");
      const holds = comparisons[comparison.text] as (order: number) => boolean;
      const needsOrder = /[<>]/.test(comparison.text) && comparison.text !== "<>";
      return (properties) => compare(left(properties), right(properties), holds, needsOrder);
    }
    if (isProperty && accept("keyword", "IS")) {
      const negated = accept("keyword", "NOT") !== undefined;
      expect("keyword", "NULL");
      return (properties) => (left(properties) === undefined) !== negated;
    }
    const negated = accept("keyword", "NOT") !== undefined;
    const found = accept("keyword", "IN")
      ? parseIn(left)
      : accept("keyword", "LIKE")
        ? parseLike(left)
        : refuse("a comparison, IN, LIKE or IS");
    return negated ? (properties) => not(found(properties)) : found;
  };
  const parseIn = (left: Operand): Predicate => {
    expect("symbol", "(");
    const members: Operand[] = [];
    do members.push(parseOperand("a property or a constant"));
    while (accept("symbol", ","));
    expect("symbol", ")");
    return (properties) => {
      const value = toComparable(left(properties));
      return value === undefined ? undefined : members.some((member) => member(properties) === value);
    };
  };
  const parseLike = (left: Operand): Predicate => {
    const pattern = accept("string") ?? refuse("a pattern in quotes");
    const escaping = accept("keyword", "ESCAPE") ? (accept("string") ?? refuse("an escape character in quotes")) : undefined;
    if (escaping && [...escaping.text].length !== 1)
      throw new Error(`needs one escape character at position ${escaping.at}; found ${escaping.text}.`);
    const expression = createExpression(pattern, escaping?.text);
    return (properties) => {
      const value = left(properties);
      return typeof value === "string" ? expression.test(value) : undefined;
    };
  };

  const parseOperand = (wanted: string): Operand => {
    const sign = accept("symbol", "-");
    const number = accept("number");
    if (number) return createConstant(parseNumber(number, sign !== undefined));
    if (sign) position--;
    const text = accept("string");
    if (text) return createConstant(text.text);
    const word = accept("keyword", "TRUE", "FALSE");
    if (word) return createConstant(word.text === "TRUE");
    // No property is equal to the constant NULL.
    if (accept("keyword", "NULL")) return createConstant(undefined);
    return parseProperty(wanted);
  };
  const parseProperty = (wanted: string): Operand => {
    const name = accept("identifier") ?? refuse(wanted);
    const scope = peek().text === "." ? name.text.toLowerCase() : undefined;
    if (peek().kind === "symbol" && peek().text === "(") {
      throw new Error(`calls ${name.text}() at position ${name.at}, which the local Service Bus does not support; use a real namespace.`);
    }
    if (scope === undefined || !accept("symbol", ".")) return ({ user }) => user(name.text) ?? undefined;
    const member = accept("identifier") ?? refuse("the name of a property");
    if (scope === "user") return ({ user }) => user(member.text) ?? undefined;
    const known = systemProperties.find((each) => each.toLowerCase() === member.text.toLowerCase());
    if (scope === "sys" && known) return ({ system }) => system(known) ?? undefined;
    throw new Error(
      `names ${name.text}.${member.text} at position ${name.at}, which the local Service Bus does not know; there are user.* and ${systemProperties.map((each) => `sys.${each}`).join(", ")}.`,
    );
  };

  const predicate = parseOr();
  if (peek().kind !== "end") refuse("the end, AND or OR");
  return (properties) => predicate(properties) === true;
}

const createConstant = (value: Value) => () => value;

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const or = (a: Truth, b: Truth): Truth => (a || b ? true : a === undefined || b === undefined ? undefined : false);

/**
 * Compares two values. C# cannot compare values of two types, or booleans by order, and the service
 * fails the evaluation then. Here the result is unknown.
 */
function compare(left: unknown, right: unknown, holds: (order: number) => boolean, needsOrder: boolean): Truth {
  const [a, b] = [toComparable(left), toComparable(right)];
  if (a === undefined || b === undefined || typeof a !== typeof b || (needsOrder && typeof a === "boolean")) return undefined;
  return holds(a < b ? -1 : a > b ? 1 : 0);
}

/** Returns a value that can be compared. Times, bytes and missing values are unknown. */
function toComparable(value: unknown): Value {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : undefined;
}

function parseNumber({ text, at }: Token, negative: boolean): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && !Number.isSafeInteger(value)) throw new Error(`has an integer beyond 2^53 at position ${at}: ${text}.`);
  return negative ? -value : value;
}

function createExpression({ text, at }: Token, escaping: string | undefined): RegExp {
  let source = "";
  const characters = [...text];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] as string;
    if (character === escaping) {
      const escaped = characters[++index];
      if (escaped === undefined) throw new Error(`ends its pattern at position ${at} with the escape character.`);
      source += RegExp.escape(escaped);
    } else source += character === "%" ? "[^]*" : character === "_" ? "[^]" : RegExp.escape(character);
  }
  return new RegExp(`^${source}$`, "u");
}
