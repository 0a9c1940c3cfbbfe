import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { deployed, onlyDeployed, type SnapshotName, snapshotNames } from "../support/deployment.ts";

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
      const headings = readFileSync(join(import.meta.dirname, "..", "..", file), "utf8").matchAll(/^#+ (.+)$/gm);
      const anchors = [...headings].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(anchor !== undefined && anchors.includes(anchor), description);
    }
  });
}

test("alerts go to the operators if there is an address, and are only shown otherwise", () => {
  assert.deepEqual(deployed("minimal", "Microsoft.Insights/actionGroups"), []);
  assert.ok(alertsOf("minimal").every(({ actions }) => actions.length === 0));
  const group = onlyDeployed("private", "Microsoft.Insights/actionGroups");
  const [receiver] = group.properties["emailReceivers"] as { emailAddress: string }[];
  assert.equal(receiver?.emailAddress, "operators@example.com");
  assert.ok(alertsOf("private").every(({ actions }) => actions.length === 1 && actions[0]?.actionGroupId === group.id));
});
