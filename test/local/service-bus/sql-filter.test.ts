import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FilteredProperties } from "../../../local/service-bus/filtered-properties.ts";
import { createSqlFilter } from "../../../local/service-bus/sql-filter.ts";

// https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-messaging-sql-filter,
// as far as the broker goes.

type Value = string | number | boolean | null;
const propertiesOf = (user: Readonly<Record<string, unknown>>, system: Readonly<Record<string, unknown>> = {}): FilteredProperties => ({
  system: (name) => system[name],
  user: (name) => user[name],
});

/** The completion of a failed change, by the properties that every completion has. */
const failed = propertiesOf(
  {
    outcome: "Failed",
    change: null,
    gateway: "gateway1",
    requestSource: "/ticketing/x",
    problemCode: "GatewayNotFound",
    polls: 3,
    late: false,
  },
  { Label: "order", Subject: "order", SessionId: "s1" },
);
const table: readonly (readonly [sql: string, taken: boolean])[] = [
  ["outcome = 'Failed'", true],
  ["outcome <> 'Failed'", false],
  ["outcome != 'Succeeded'", true],
  ["outcome = 'failed'", false],
  ["outcome = 'Failed' AND gateway = 'gateway2'", false],
  ["outcome = 'Failed' OR gateway = 'gateway2'", true],
  ["NOT outcome = 'Succeeded'", true],
  ["NOT NOT outcome = 'Failed'", true],
  // AND binds closer than OR, NOT closer than AND.
  ["outcome = 'Failed' OR outcome = 'x' AND outcome = 'y'", true],
  ["(outcome = 'Failed' OR outcome = 'x') AND outcome = 'y'", false],
  ["NOT outcome = 'x' AND outcome = 'y'", false],
  ["NOT (outcome = 'x' AND outcome = 'y')", true],
  ["polls > 2 AND polls >= 3 AND polls < 4 AND polls <= 3 AND polls = 3", true],
  ["polls > -1", true],
  ["polls = 3.0 AND polls < 0.5E2", true],
  ["problemCode < 'H'", true],
  ["late = FALSE", true],
  ["outcome IN ('Failed', 'Rejected')", true],
  ["outcome NOT IN ('Failed', 'Rejected')", false],
  ["polls IN (1, 3)", true],
  ["absent IN ('x')", false],
  ["absent NOT IN ('x')", false],
  ["requestSource LIKE '/ticketing/%'", true],
  ["requestSource LIKE '/ticketing/_'", true],
  ["requestSource LIKE '/ticketing/__'", false],
  ["requestSource NOT LIKE '/portal/%'", true],
  ["absent NOT LIKE '%'", false],
  ["polls LIKE '3'", false],
  ["change IS NULL", true],
  ["absent IS NULL", true],
  ["outcome IS NOT NULL", true],
  ["EXISTS(outcome)", true],
  ["EXISTS (absent)", false],
  ["absent = 'x'", false],
  ["NOT absent = 'x'", false],
  ["absent = 'x' OR outcome = 'Failed'", true],
  ["absent = NULL", false],
  ["outcome = 3 OR NOT outcome = 3", false],
  ["late < TRUE OR late >= TRUE", false],
  ["sys.Label = 'order' AND sys.subject = 'order' AND SYS.sessionid = 's1'", true],
  ["sys.To IS NULL", true],
  ["user.outcome = 'Failed' AND [outcome] = 'Failed' AND \"outcome\" = 'Failed'", true],
  ["1=1", true],
  ["1 = 0", false],
];
for (const [sql, taken] of table) {
  test(`${sql}: ${taken ? "taken" : "not taken"}`, () => assert.equal(createSqlFilter(sql)(failed), taken));
}

test("what is in quotes may have quotes, brackets and escaped wildcards in it", () => {
  const properties = propertiesOf({ "a]b": "it's", 'c"d': "100%_x" });
  assert.ok(createSqlFilter("[a]]b] = 'it''s'")(properties));
  assert.ok(createSqlFilter(`"c""d" LIKE '100\\%\\__' ESCAPE '\\'`)(properties));
  assert.ok(!createSqlFilter(`"c""d" LIKE '100\\%_' ESCAPE '\\'`)(properties));
  assert.ok(createSqlFilter("[a]]b] LIKE '%''%'")(properties));
});

const refused: readonly (readonly [sql: string, says: RegExp])[] = [
  ["", /needs a property or a constant at position 1; found the end/],
  ["late", /needs a comparison, IN, LIKE or IS at position 5/],
  ["TRUE", /needs a comparison/],
  ["a + 1 = 2", /arithmetic \(\+\) at position 3/],
  ["a = 1 * 2", /arithmetic \(\*\) at position 7/],
  ["a = -b", /arithmetic \(-\) at position 5/],
  ["a = @p", /a parameter \(@\) at position 5/],
  ["newid() = 'x'", /calls newid\(\) at position 1/],
  ["p('a') = 'x'", /calls p\(\) at position 1/],
  ["sys.Nothing = 1", /sys\.Nothing at position 1.*sys\.Label/],
  ["my.outcome = 1", /my\.outcome at position 1/],
  ["a = 'x", /cannot be read at position 5/],
  ["a = 1 b", /needs the end, AND or OR at position 7; found b/],
  ["(a = 1", /needs \) at position 7/],
  ["a IN ()", /position 7/],
  ["a LIKE b", /needs a pattern in quotes at position 8/],
  ["a LIKE 'x' ESCAPE 'yz'", /one escape character at position 19/],
  ["a LIKE 'x!' ESCAPE '!'", /ends its pattern at position 8 with the escape character/],
  ["a = 9007199254740993", /beyond 2\^53 at position 5/],
  ["EXISTS(1)", /needs a property at position 8/],
  ["1 IS NULL", /needs a comparison, IN, LIKE or IS at position 3/],
];
for (const [sql, says] of refused)
  test(`refused with its place: ${sql || "nothing"}`, () => assert.throws(() => createSqlFilter(sql), says));

/**
 * A predicate as a tree, to be written down as SQL and judged by rules of its own: truth as a
 * number, 0 false, 1 unknown, 2 true.
 */
type Tree =
  | { is: "compare"; name: string; operator: string; value: Exclude<Value, null> }
  | { is: "in"; name: string; negated: boolean; values: Exclude<Value, null>[] }
  | { is: "null"; name: string; negated: boolean }
  | { is: "exists"; name: string }
  | { is: "like"; name: string; negated: boolean; parts: ("%" | "_" | { literal: string })[] }
  | { is: "not"; of: Tree }
  | { is: "and" | "or"; left: Tree; right: Tree };

const names = fc.constantFrom("a", "b", "c");
const constants = fc.oneof(fc.constantFrom("", "x", "xy", "it's"), fc.integer({ min: -2, max: 2 }), fc.boolean());
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.record({
      is: fc.constant("compare"),
      name: names,
      operator: fc.constantFrom("=", "<>", "!=", "<", "<=", ">", ">="),
      value: constants,
    }),
    fc.record({ is: fc.constant("in"), name: names, negated: fc.boolean(), values: fc.array(constants, { minLength: 1, maxLength: 3 }) }),
    fc.record({ is: fc.constant("null"), name: names, negated: fc.boolean() }),
    fc.record({ is: fc.constant("exists"), name: names }),
    fc.record({
      is: fc.constant("like"),
      name: names,
      negated: fc.boolean(),
      parts: fc.array(
        fc.oneof(fc.constantFrom("%" as const, "_" as const), fc.record({ literal: fc.constantFrom("x", "y", "%", "!", "'") })),
        {
          maxLength: 4,
        },
      ),
    }),
    fc.record({ is: fc.constant("not"), of: tie("tree") }),
    fc.record({ is: fc.constantFrom("and", "or"), left: tie("tree"), right: tie("tree") }),
  ) as fc.Arbitrary<Tree>,
}));

function written(node: Tree): string {
  const constant = (value: Value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value).toUpperCase());
  const no = "negated" in node && node.negated ? " NOT" : "";
  switch (node.is) {
    case "compare":
      return `${node.name} ${node.operator} ${constant(node.value)}`;
    case "in":
      return `${node.name}${no} IN (${node.values.map(constant).join(", ")})`;
    case "null":
      return `${node.name} IS${no} NULL`;
    case "exists":
      return `EXISTS(${node.name})`;
    case "like": {
      const text = node.parts.map((part) =>
        typeof part === "string" ? part : /[%_!]/.test(part.literal) ? `!${part.literal}` : part.literal,
      );
      return `${node.name}${no} LIKE ${constant(text.join(""))} ESCAPE '!'`;
    }
    case "not":
      return `NOT (${written(node.of)})`;
    default:
      return `(${written(node.left)} ${node.is} ${written(node.right)})`;
  }
}

function judged(node: Tree, given: Readonly<Record<string, Value>>): 0 | 1 | 2 {
  const certain = (truth: boolean): 0 | 2 => (truth ? 2 : 0);
  switch (node.is) {
    case "and":
      return Math.min(judged(node.left, given), judged(node.right, given)) as 0 | 1 | 2;
    case "or":
      return Math.max(judged(node.left, given), judged(node.right, given)) as 0 | 1 | 2;
    case "not":
      return (2 - judged(node.of, given)) as 0 | 1 | 2;
    case "exists":
      return certain((given[node.name] ?? null) !== null);
    case "null":
      return certain(((given[node.name] ?? null) === null) !== node.negated);
  }
  const value = given[node.name] ?? null;
  if (value === null) return 1;
  if (node.is === "in") return certain(node.values.includes(value) !== node.negated);
  if (node.is === "like") return typeof value === "string" ? certain(like([...value], node.parts) !== node.negated) : 1;
  if (typeof value !== typeof node.value) return 1;
  switch (node.operator) {
    case "=":
      return certain(value === node.value);
    case "<>":
    case "!=":
      return certain(value !== node.value);
  }
  if (typeof value === "boolean") return 1;
  const [below, same] = [value < node.value, value === node.value];
  return certain({ "<": below, "<=": below || same, ">": !below && !same, ">=": !below }[node.operator] as boolean);
}

function like(characters: readonly string[], [first, ...rest]: readonly ("%" | "_" | { literal: string })[]): boolean {
  if (first === undefined) return characters.length === 0;
  if (first === "%") return Array.from({ length: characters.length + 1 }, (_, skip) => like(characters.slice(skip), rest)).includes(true);
  const [character, ...others] = characters;
  return character !== undefined && (first === "_" || first.literal === character) && like(others, rest);
}

test("every predicate takes the messages that a second reading of the rules takes", () => {
  const values = fc.oneof(constants, fc.constant(null), fc.constant("x%'y!"));
  const messages = fc.record({ a: values, b: values, c: values }, { requiredKeys: [] }) as fc.Arbitrary<Record<string, Value>>;
  fc.assert(
    fc.property(tree, messages, (node, given) => createSqlFilter(written(node))(propertiesOf(given)) === (judged(node, given) === 2)),
    { numRuns: 2_000 },
  );
});
