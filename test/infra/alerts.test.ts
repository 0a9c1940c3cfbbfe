import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deployed, onlyDeployed, type SnapshotName, snapshotNames, textOf } from "../support/deployment.ts";
import { bindQuery } from "../support/kusto.ts";

// Letters that stay are an alert, per queue, and each alert says where its runbook is.

interface Alert {
  readonly description: string;
  readonly severity: number;
  readonly autoMitigate: boolean;
  readonly scopes: readonly string[];
  readonly evaluationFrequency: string;
  readonly windowSize: string;
  readonly actions: readonly { readonly actionGroupId: string }[];
  readonly criteria: { readonly allOf: readonly Criterion[] };
}
interface Criterion {
  readonly metricName: string;
  readonly dimensions: readonly { readonly name: string; readonly operator: string; readonly values: readonly string[] }[];
  readonly timeAggregation: string;
  readonly operator: string;
  readonly threshold: number;
}
const alertsOf = (name: SnapshotName) =>
  deployed(name, "Microsoft.Insights/metricAlerts").map(({ properties }) => properties as unknown as Alert);

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(join(import.meta.dirname, "..", "..", file), "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

const requestQueues = { minimal: ["vpn-connection-requests"], private: ["requests-portal", "requests-ticketing"] };

for (const name of snapshotNames) {
  test(`${name}: each request queue, the quarantine and the topic have an alert`, () => {
    const found = alertsOf(name).flatMap(({ severity, criteria }) =>
      criteria.allOf.map(
        ({ metricName, dimensions }) => `${severity} ${metricName} ${dimensions.map(({ values }) => values.join()).join()}`,
      ),
    );
    const expected = [
      ...requestQueues[name].map((queue) => `2 DeadletteredMessages ${queue}`),
      "3 ActiveMessages vpn-connection-requests-quarantine",
      "3 DeadletteredMessages vpn-connection-events",
    ];
    assert.deepEqual(found.sort(), expected.sort());
  });

  test(`${name}: an alert is for what stays during the whole window, and ends by itself`, () => {
    const namespace = onlyDeployed(name, "Microsoft.ServiceBus/namespaces").id;
    for (const { scopes, evaluationFrequency, windowSize, autoMitigate, criteria } of alertsOf(name)) {
      assert.deepEqual([scopes, evaluationFrequency, windowSize, autoMitigate], [[namespace], "PT5M", "PT15M", true]);
      for (const { timeAggregation, operator, threshold, dimensions } of criteria.allOf) {
        assert.deepEqual([timeAggregation, operator, threshold], ["Minimum", "GreaterThan", 0]);
        assert.deepEqual(
          dimensions.map((dimension) => [dimension.name, dimension.operator]),
          [["EntityName", "Include"]],
        );
      }
    }
  });

  test(`${name}: each alert names a heading of the runbook that exists`, () => {
    for (const { description } of alertsOf(name)) {
      const [, file = "", anchor] = /(docs\/[\w-]+\.md)#([\w-]+)$/.exec(description) ?? [];
      assert.ok(anchor !== undefined && anchorsOf(file).includes(anchor), description);
    }
  });
}

interface LogAlert {
  readonly description: string;
  readonly severity: number;
  readonly enabled: boolean;
  readonly autoMitigate: boolean;
  readonly skipQueryValidation: boolean;
  readonly scopes: readonly string[];
  readonly evaluationFrequency: string;
  readonly windowSize: string;
  readonly actions: { readonly actionGroups: readonly string[] };
  readonly criteria: { readonly allOf: readonly LogCriterion[] };
}
interface LogCriterion {
  readonly query: string;
  readonly timeAggregation: string;
  readonly dimensions: readonly { readonly name: string; readonly operator: string; readonly values: readonly string[] }[];
  readonly operator: string;
  readonly threshold: number;
}
const logAlertsOf = (name: SnapshotName) =>
  deployed(name, "Microsoft.Insights/scheduledQueryRules").map((rule) => ({
    name: rule.name,
    ...(rule.properties as unknown as LogAlert),
  }));
const minutesOf = (duration: string) => {
  const [, days = 0, hours = 0, minutes = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? assert.fail(duration);
  return Number(days) * 1440 + Number(hours) * 60 + Number(minutes);
};
/** The alerts on the log: severity, and the column by which an alert is split, if any. */
const logAlerts: Readonly<Record<string, readonly [severity: number, ...by: string[]]>> = {
  "sweep-missing": [1],
  "oldest-message": [2, "queue"],
  "answers-unsent": [2],
  "operator-problems": [2, "problem"],
  "failed-requests": [2],
  "internal-errors": [2],
  "throttled-calls": [3],
  "gateway-held": [3],
};

for (const name of snapshotNames) {
  test(`${name}: the alerts on the log, and what each is split by`, () => {
    const found = logAlertsOf(name).map(({ name: alert, severity, criteria }) => [
      alert,
      [severity, ...criteria.allOf.flatMap(({ dimensions }) => dimensions.map((dimension) => dimension.name))],
    ]);
    assert.deepEqual(Object.fromEntries(found), logAlerts);
  });

  test(`${name}: an alert on the log fires on any row of its query, and ends by itself`, () => {
    for (const alert of logAlertsOf(name)) {
      assert.deepEqual([alert.enabled, alert.autoMitigate, alert.skipQueryValidation, alert.scopes.length], [true, true, true, 1]);
      assert.match(alert.scopes[0] ?? "", /workspaceId/);
      assert.ok(minutesOf(alert.windowSize) >= minutesOf(alert.evaluationFrequency), alert.name);
      // The longest that Azure takes.
      assert.ok(minutesOf(alert.windowSize) <= 2880, alert.name);
      const [criterion, ...others] = alert.criteria.allOf;
      assert.ok(criterion && others.length === 0);
      assert.deepEqual([criterion.timeAggregation, criterion.operator, criterion.threshold], ["Count", "GreaterThan", 0]);
      assert.equal(criterion.query, textOf(`monitoring/queries/${alert.name}.kql`));
      const { diagnostics, columns } = bindQuery(criterion.query);
      assert.deepEqual(diagnostics, []);
      for (const dimension of criterion.dimensions) {
        assert.equal(columns[dimension.name], "string", `${alert.name}: ${dimension.name}`);
        assert.deepEqual([dimension.operator, dimension.values], ["Include", ["*"]]);
      }
    }
  });

  test(`${name}: the runbook has a heading for each alert on the log`, () => {
    for (const alert of logAlertsOf(name)) {
      assert.ok(alert.description.endsWith(` What to do: docs/operations.md#alert-${alert.name}`), alert.description);
      assert.ok(anchorsOf("docs/operations.md").includes(`alert-${alert.name}`), alert.name);
    }
  });
}

test("the alert of a missing sweep fires if there are no lines at all", () => {
  // A count without `by` has one row, which is 0 for an empty table.
  const code = textOf("monitoring/queries/sweep-missing.kql").replaceAll(/^\/\/.*\n/gm, "");
  assert.equal(code, 'VpnSteps()\n| where step == "swept"\n| summarize swept = count()\n| where swept == 0\n');
});

test("alerts go to the operators if there is an address, and are only shown otherwise", () => {
  assert.deepEqual(deployed("minimal", "Microsoft.Insights/actionGroups"), []);
  assert.ok(alertsOf("minimal").every(({ actions }) => actions.length === 0));
  const group = onlyDeployed("private", "Microsoft.Insights/actionGroups");
  const [receiver] = group.properties["emailReceivers"] as { emailAddress: string }[];
  assert.equal(receiver?.emailAddress, "operators@example.com");
  assert.ok(alertsOf("private").every(({ actions }) => actions.length === 1 && actions[0]?.actionGroupId === group.id));
  assert.ok(logAlertsOf("minimal").every(({ actions }) => actions.actionGroups.length === 0));
  assert.ok(logAlertsOf("private").every(({ actions }) => actions.actionGroups.length === 1 && actions.actionGroups[0] === group.id));
});
