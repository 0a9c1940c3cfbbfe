import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Makes workbook.json from the queries beside it. `npm run infra` runs this before it compiles.
// Each query's first line is its question, which becomes the title.

const folder = import.meta.dirname;

/** How the result of a query is shown. */
type View = "table" | "timechart" | "barchart";

const pages: readonly { readonly name: string; readonly about?: string; readonly queries: Readonly<Record<string, View>> }[] = [
  {
    name: "Overview",
    queries: { outcomes: "table", "outcomes-by-hour": "barchart", phases: "table", "open-requests": "table" },
  },
  {
    name: "A request",
    about: "Enter the id of a request or of its instance above.",
    queries: { "request-time": "table", "request-steps": "table" },
  },
  { name: "Gateways", queries: { gateways: "table", "gateway-queues": "timechart", "gateway-held": "table" } },
  { name: "Resource Manager", queries: { "arm-calls": "timechart", "arm-errors": "table", retries: "table" } },
  {
    name: "Operations",
    queries: { trouble: "table", "answers-unsent": "table", backlog: "timechart", sweeps: "timechart", versions: "table" },
  },
  { name: "Cost", queries: { executions: "table", "log-volume": "barchart" } },
];

const workspaces = { queryType: 0, resourceType: "microsoft.operationalinsights/workspaces" };
const hours = (count: number) => ({ durationMs: count * 3_600_000 });

const parameters = {
  type: 9,
  content: {
    version: "KqlParameterItem/1.0",
    style: "pills",
    ...workspaces,
    parameters: [
      {
        ...{ id: idOf("TimeRange"), version: "KqlParameterItem/1.0", name: "TimeRange", label: "Time", type: 4, isRequired: true },
        value: hours(24),
        typeSettings: { selectableValues: [1, 4, 24, 72, 168, 720].map(hours), allowCustom: true },
      },
      {
        ...{ id: idOf("Request"), version: "KqlParameterItem/1.0", name: "Request", label: "Request or instance id", type: 1 },
        value: "",
      },
    ],
  },
  name: "parameters",
};

const tabs = {
  type: 11,
  content: {
    version: "LinkItem/1.0",
    style: "tabs",
    links: pages.map(({ name }) => ({
      ...{ id: idOf(name), cellValue: "page", linkTarget: "parameter", linkLabel: name, subTarget: name, style: "link" },
    })),
  },
  name: "pages",
};

const groups = pages.map(({ name, about, queries }) => ({
  type: 12,
  content: {
    version: "NotebookGroup/1.0",
    groupType: "editable",
    items: [
      ...(about ? [{ type: 1, content: { json: about }, name: `${name}: about` }] : []),
      ...Object.entries(queries).map(([query, view]) => queryItemOf(query, view)),
    ],
  },
  conditionalVisibility: { parameterName: "page", comparison: "isEqualTo", value: name },
  name,
}));

function queryItemOf(name: string, visualization: View) {
  const query = readFileSync(join(folder, "queries", `${name}.kql`), "utf8");
  const title = /^\/\/ (.+)/.exec(query)?.[1];
  return {
    type: 3,
    content: { version: "KqlItem/1.0", query, size: 0, title, timeContextFromParameter: "TimeRange", ...workspaces, visualization },
    name,
  };
}

/** Workbooks want a UUID for each part. It follows from the name, so that nothing changes. */
function idOf(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex");
  return [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join("-");
}

const workbook = {
  version: "Notebook/1.0",
  items: [parameters, tabs, ...groups],
  $schema: "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
};
writeFileSync(join(folder, "workbook.json"), `${JSON.stringify(workbook, null, 2)}\n`);
