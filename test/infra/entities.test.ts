import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "jsonc-parser";
import { deployed, snapshotNames } from "../support/deployment.ts";

// Azure gets the entities of the local broker: every property of each, with two exceptions.

interface Entity {
  readonly Name: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}
interface Topic extends Entity {
  readonly Subscriptions: readonly (Entity & { readonly Rules?: readonly Entity[] })[];
}
const file = join(import.meta.dirname, "..", "..", "local", "service-bus", "config.json");
const [{ Queues: queues, Topics: topics }] = parse(readFileSync(file, "utf8")).UserConfig.Namespaces as [
  { Queues: Entity[]; Topics: Topic[] },
];
const requestQueue = "vpn-connection-requests";
/** The request queues of each snapshot. */
const requestQueues = { minimal: [requestQueue], private: ["requests-portal", "requests-ticketing"] };

const inAzuresWords = (properties: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]));

for (const name of snapshotNames) {
  /** The entities of one kind: path below the namespace → properties. */
  const entitiesOf = (kind: string) =>
    Object.fromEntries(
      deployed(name, `Microsoft.ServiceBus/namespaces/${kind}`).map((entity) => [
        entity.name.split("/").slice(1).join("/"),
        entity.properties,
      ]),
    );

  test(`${name}: queues, and the lock of request queues is longer than on one machine`, () => {
    const expected = queues.flatMap(({ Name, Properties }) =>
      Name === requestQueue
        ? requestQueues[name].map((queue) => [queue, { ...inAzuresWords(Properties), lockDuration: "PT1M" }] as const)
        : [[Name, inAzuresWords(Properties)] as const],
    );
    assert.deepEqual(entitiesOf("queues"), Object.fromEntries(expected));
  });

  test(`${name}: the topic and its subscriptions`, () => {
    assert.deepEqual(entitiesOf("topics"), Object.fromEntries(topics.map(({ Name, Properties }) => [Name, inAzuresWords(Properties)])));
    const subscriptions = topics.flatMap((topic) =>
      topic.Subscriptions.map(({ Name, Properties }) => {
        const inherited = { requiresSession: false, defaultMessageTimeToLive: topic.Properties["DefaultMessageTimeToLive"] };
        return [`${topic.Name}/${Name}`, { ...inherited, ...inAzuresWords(Properties) }];
      }),
    );
    assert.deepEqual(entitiesOf("topics/subscriptions"), Object.fromEntries(subscriptions));
  });

  test(`${name}: the one rule of replies has the name of the rule that Azure makes, so nothing else passes`, () => {
    const rules = topics.flatMap(({ Name: topic, Subscriptions }) =>
      Subscriptions.flatMap(({ Name, Rules = [] }) =>
        Rules.map(({ Properties }) => {
          const { Properties: properties } = Properties["CorrelationFilter"] as { Properties: object };
          return [`${topic}/${Name}/$Default`, { filterType: "CorrelationFilter", correlationFilter: { properties } }];
        }),
      ),
    );
    assert.equal(rules.length, 1);
    assert.deepEqual(entitiesOf("topics/subscriptions/rules"), Object.fromEntries(rules));
  });
}
