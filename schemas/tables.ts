import { preflightRules } from "../shared/arm/preflight-rules.ts";
import { normalizationCodes } from "../shared/contract/normalize.ts";
import { outcomeOf, type ProblemCode, problemCodes } from "../shared/contract/problem.ts";
import { rules } from "../shared/contract/rules/index.ts";
import type { Rule } from "../shared/contract/rules/rule.ts";
import { structureCodes } from "../shared/contract/structure.ts";
import type { JsonSchema } from "./json-schema.ts";
import { type Parts, rowsOf } from "./rows.ts";

/** Codes of other findings. */
const otherCodes: readonly (readonly [code: string, means: string])[] = [
  ...Object.entries(normalizationCodes),
  ["ForeignOperationUrl", "Azure returned an operation URL outside the configured endpoint, so the connection itself was polled instead."],
  ["Truncated", "A list or the event was cut to fit into one message. The finding's message names what is missing."],
  [
    "ReplySessionIgnored",
    "`replyToSessionId` is not a string, or has more than 128 characters. The completion was sent without a session.",
  ],
];

/** Returns the table of fields below a schema. */
export function fieldTable(schema: JsonSchema, parts: Parts): string {
  return table(
    ["field", "type", "required", "meaning"],
    rowsOf(schema, parts).map(({ path, type, required, means }) => [`\`${path}\``, type, required ? "yes" : "", means]),
  );
}

/** Returns the table of codes about one field. */
export function structureTable(): string {
  return table(
    ["code", "means"],
    Object.entries(structureCodes).map(([code, means]) => [`\`${code}\``, means]),
  );
}

/** The rules about a request, and about the resources that it names. */
export const ruleTable = () => tableOfRules(rules);
export const preflightTable = () => tableOfRules(Object.entries(preflightRules).map(([code, rule]) => ({ code, ...rule })));

/** One row for each code. Some codes have a sentence for each of several fields. */
function tableOfRules(listed: readonly Pick<Rule, "code" | "severity" | "says" | "source">[]): string {
  const byCode = Map.groupBy(listed, ({ code, severity }) => `\`${code}\` | ${severity}`);
  const rows = [...byCode].map(([codeAndSeverity, said]) => {
    const sentences = said.map(({ says }) => says.replaceAll("|", "\\|")).join(" ");
    return `| ${codeAndSeverity} | ${sentences} ${[...new Set(said.map(({ source }) => source))].map(linkTo).join(", ")} |`;
  });
  return [...headOf(["code", "severity", "rule"]), ...rows].join("\n");
}

/** Returns the table of other warnings. */
export function otherTable(): string {
  return table(
    ["code", "means"],
    otherCodes.map(([code, means]) => [`\`${code}\``, means]),
  );
}

/** Returns the table of problem codes. */
export function problemTable(): string {
  return table(
    ["code", "outcome", "who must act", "retryable", "means"],
    (Object.keys(problemCodes) as ProblemCode[]).map((code) => {
      const { actor, retryable, means } = problemCodes[code];
      return [`\`${code}\``, outcomeOf(code), actor, retryable ? "yes" : "no", means];
    }),
  );
}

/** Returns a Markdown table. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return [...headOf(columns), ...lines].join("\n");
}

function headOf(columns: readonly string[]): string[] {
  return [`| ${columns.join(" | ")} |`, `| ${columns.map(() => "---").join(" | ")} |`];
}

/** Returns a link with the name of its site. A source without a site is a file of this project. */
function linkTo(source: string): string {
  if (!URL.canParse(source)) return `[${source.split("#")[0]}](../${source})`;
  return `[${new URL(source).hostname.replace("www.", "")}](${source})`;
}
