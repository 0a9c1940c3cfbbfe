import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { functions } from "../../infra/monitoring/schema.ts";
import { logTable } from "../../shared/log/steps.ts";
import { bindQuery } from "../support/kusto.ts";

// Every query can be run: the tables, columns, steps and fields that it names exist.

const folder = join(import.meta.dirname, "..", "..", "infra", "monitoring", "queries");
const queries = globSync("*.kql", { cwd: folder }).map((file) => ({
  name: basename(file, ".kql"),
  query: readFileSync(join(folder, file), "utf8"),
}));
const steps: Readonly<Record<string, readonly string[]>> = logTable.steps;
const fields: Readonly<Record<string, string>> = logTable.fields;
const typeOf: Readonly<Record<string, string>> = { text: "string", number: "real", boolean: "bool", list: "dynamic", map: "dynamic" };

/** The steps that a query names. */
function stepsIn(query: string): string[] {
  const code = query.replaceAll(/^\s*\/\/.*$/gm, "");
  const tests = [...code.matchAll(/\bstep\s*(?:[=!]=|=~|!?in~?)\s*(\([^)]*\)|"[^"]*")/g)];
  return tests.flatMap(([, values = ""]) => [...values.matchAll(/"([^"]*)"/g)].map(([, step = ""]) => step));
}

/** The fields that the lines of some steps have. */
function fieldsOf(names: readonly string[]): Set<string> {
  return new Set([...logTable.names, ...names.flatMap((name) => (steps[name] ?? []).map((field) => field.replace(/\?$/, "")))]);
}

/** What is wrong with the steps and fields of a query. */
function findFaults(query: string, bodies = functions): string[] {
  const { diagnostics, columnsRead } = bindQuery(query, bodies);
  const named = stepsIn(query);
  const known = fieldsOf(named);
  // A query that names no step reads those of every step. Completions have only their own fields.
  const foreign = named.length === 0 ? [] : [...columnsRead].filter((column) => Object.hasOwn(fields, column) && !known.has(column));
  return [
    ...diagnostics,
    ...named.filter((step) => !Object.hasOwn(steps, step)).map((step) => `no step ${step}`),
    ...foreign.map((field) => `no field ${field} in ${named.join(", ")}`),
  ];
}

for (const { name, query } of queries) {
  test(`${name}.kql: it begins with its question, and names only what exists`, () => {
    assert.match(query, /^\/\/ [^\n]+\?\n(?:\/\/ .+\n)*(VpnSteps|VpnCompletions|AppRequests|Usage)\b/);
    assert.deepEqual(findFaults(query), []);
  });
}

test("what does not exist is found: a table, a column, a step, a field of another step, a step of our own that was renamed", () => {
  const faultsOf = (query: string) => findFaults(query).join("; ");
  assert.match(faultsOf("AppTrace | take 1"), /AppTrace/);
  assert.match(faultsOf("VpnSteps() | where nothing == 1"), /'nothing'/);
  assert.match(faultsOf("VpnCompletions() | where position == 1"), /'position'/);
  assert.match(faultsOf('VpnSteps() | where step == "sweept"'), /no step sweept/);
  assert.match(faultsOf('VpnSteps() | where step in ("stuck", "sweept") | count'), /no step sweept/);
  assert.match(faultsOf('VpnSteps() | where step == "backlog" | summarize max(position)'), /no field position in backlog/);
  const renamed = { ...functions, VpnSteps: functions.VpnSteps.replace("oldestSeconds", "ageSeconds") };
  const oldest = queries.find(({ name }) => name === "oldest-message")?.query ?? "";
  assert.match(findFaults(oldest, renamed).join("; "), /'oldestSeconds'/);
});

test("VpnSteps has the fields of every step as columns of their type, and VpnCompletions those of a completion", () => {
  const { diagnostics, columns } = bindQuery("VpnSteps()");
  assert.deepEqual(diagnostics, []);
  const { TimeGenerated, traceId, AppRoleInstance, step, ...own } = columns;
  assert.deepEqual([TimeGenerated, traceId, AppRoleInstance, step], ["datetime", "string", "string", "string"]);
  assert.deepEqual(own, Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, typeOf[type]])));
  for (const name of Object.keys(fields))
    assert.match(functions.VpnSteps, new RegExp(`\\b${name} = (to\\w+\\(line\\.${name}\\)|line\\.${name}\\b)`));

  const completions = bindQuery("VpnCompletions()");
  assert.deepEqual(completions.diagnostics, []);
  const { TimeGenerated: time, traceId: trace, ...ofCompletion } = completions.columns;
  assert.deepEqual([time, trace], ["datetime", "string"]);
  assert.deepEqual(Object.keys(ofCompletion).sort(), [...fieldsOf(["published"])].sort());
});

test("every field of the table belongs to a step", () => {
  const used = fieldsOf(Object.keys(steps));
  assert.deepEqual(
    Object.keys(fields).filter((field) => !used.has(field)),
    [],
  );
});

test("what the host logs of an invocation that it ended is no step", () => {
  assert.match(functions.VpnSteps, /^\| where Message !has "FunctionTimeoutAbortException"$/m);
  for (const { name, query } of queries) assert.doesNotMatch(query, /\bAppTraces\b|\bAppExceptions\b/, name);
});
