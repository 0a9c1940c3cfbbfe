import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConfig } from "../../../local/service-bus/config.ts";

// Config.json is the official emulator's
// (https://learn.microsoft.com/en-us/azure/service-bus-messaging/test-locally-with-service-bus-emulator).

const directory = mkdtempSync(join(tmpdir(), "service-bus-config-"));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, "config.json");
function read(text: string): ReturnType<typeof readConfig> {
  writeFileSync(file, text);
  return readConfig(file);
}
const withNamespace = (namespace: object, more: object = {}) =>
  read(JSON.stringify({ UserConfig: { Namespaces: [{ Name: "sbemulatorns", ...namespace }], ...more } }));

test("a file as the emulator takes it: comments, every field, both kinds of filters", () => {
  const { queues, topics } = read(`{
    // One namespace, whose name the emulator has fixed.
    "UserConfig": {
      "Namespaces": [{
        "Name": "sbemulatorns",
        "Queues": [{
          "Name": "queue.1",
          "Properties": {
            "DeadLetteringOnMessageExpiration": false, "DefaultMessageTimeToLive": "PT1H", "DuplicateDetectionHistoryTimeWindow": "PT20S",
            "ForwardDeadLetteredMessagesTo": "", "ForwardTo": "", "LockDuration": "PT1M", "MaxDeliveryCount": 3,
            "RequiresDuplicateDetection": false, "RequiresSession": false
          }
        }],
        "Topics": [{
          "Name": "topic.1",
          "Properties": { "DefaultMessageTimeToLive": "PT1H", "DuplicateDetectionHistoryTimeWindow": "PT20S", "RequiresDuplicateDetection": true },
          "Subscriptions": [
            { "Name": "plain", "Properties": { "LockDuration": "PT30S", "RequiresSession": true } },
            {
              "Name": "filtered",
              "Rules": [
                {
                  "Name": "correlation",
                  "Properties": {
                    "FilterType": "Correlation",
                    "CorrelationFilter": {
                      "ContentType": "application/text", "CorrelationId": "id1", "Label": "subject1", "MessageId": "msgid1", "ReplyTo": "someQueue",
                      "ReplyToSessionId": "sessionId", "SessionId": "session1", "To": "xyz", "Properties": { "prop": "value" }
                    }
                  }
                },
                { "Name": "sql", "Properties": { "FilterType": "Sql", "SqlFilter": { "SqlExpression": "sys.MessageId = '123456' AND userProp1 = 'value1'" } } }
              ]
            }
          ]
        }]
      }],
      "Logging": { "Type": "File" } /* or Console */
    },
  }`);
  assert.deepEqual(queues, [
    {
      name: "queue.1",
      options: { lockDurationMs: 60_000, maxDeliveryCount: 3, timeToLiveMs: 3_600_000, deadLetterExpired: false, requiresSession: false },
      duplicateWindowMs: undefined,
    },
  ]);
  const [topic] = topics;
  assert.deepEqual([topic?.name, topic?.duplicateWindowMs, topic?.timeToLiveMs], ["topic.1", 20_000, 3_600_000]);
  assert.deepEqual(
    topic?.subscriptions.map(({ name, options, filters }) => [name, options.requiresSession, filters.length]),
    [
      ["plain", true, 0],
      ["filtered", false, 2],
    ],
  );
});

const queueWith = (properties: object) => ({ Queues: [{ Name: "q", Properties: properties }] });
const rule = (properties: object) => ({
  Topics: [{ Name: "t", Subscriptions: [{ Name: "s", Rules: [{ Name: "r", Properties: properties }] }] }],
});
const at = "/UserConfig/Namespaces/0";
const refused: readonly (readonly [what: string, namespace: object, says: string])[] = [
  [
    "an unknown property",
    queueWith({ LockDurations: "PT1M" }),
    `${at}/Queues/0/Properties/LockDurations is not known; ${at}/Queues/0/Properties may have Dead`,
  ],
  ["an unknown field of a queue", { Queues: [{ Name: "q", Rules: [] }] }, `${at}/Queues/0/Rules is not known`],
  [
    "forwarding",
    queueWith({ ForwardTo: "other" }),
    `${at}/Queues/0/Properties/ForwardTo is not supported by the local Service Bus; use a real namespace.`,
  ],
  ["forwarding of dead letters", queueWith({ ForwardDeadLetteredMessagesTo: "o" }), "/ForwardDeadLetteredMessagesTo is not supported"],
  ["a duration that is none", queueWith({ LockDuration: "1 minute" }), "/LockDuration must be a duration such as PT1M."],
  ["a lock of no time", queueWith({ LockDuration: "PT0S" }), "/LockDuration must be a duration"],
  ["a lock that is too long", queueWith({ LockDuration: "PT6M" }), "/LockDuration must be PT5M at most."],
  ["too long a memory for duplicates", queueWith({ DuplicateDetectionHistoryTimeWindow: "P8D" }), "TimeWindow must be P7D at most."],
  ["no deliveries", queueWith({ MaxDeliveryCount: 0 }), "/MaxDeliveryCount must be an integer from 1 to 2000."],
  ["deliveries in words", queueWith({ MaxDeliveryCount: "ten" }), "/MaxDeliveryCount must be an integer"],
  ["a flag in words", queueWith({ RequiresSession: "true" }), "/RequiresSession must be true or false."],
  ["a name with a space", { Queues: [{ Name: "a b" }] }, `${at}/Queues/0/Name must be a name`],
  ["two of one name", { Queues: [{ Name: "q" }, { Name: "Q" }] }, `${at}/Queues/1/Name is taken: q.`],
  ["queues that are no array", { Queues: {} }, `${at}/Queues must be an array.`],
  [
    "a rule with an action",
    rule({ FilterType: "Sql", SqlFilter: { SqlExpression: "1=1" }, Action: { SqlExpression: "SET a = 1" } }),
    "/Rules/0/Properties/Action is not supported",
  ],
  ["a filter of another type", rule({ FilterType: "True" }), "/FilterType must be Correlation or Sql."],
  [
    "an SQL filter beyond the subset",
    rule({ FilterType: "Sql", SqlFilter: { SqlExpression: "a + 1 = 2" } }),
    `${at}/Topics/0/Subscriptions/0/Rules/0/Properties/SqlFilter/SqlExpression uses arithmetic (+) at position 3, which the local Service Bus does not support`,
  ],
];
for (const [what, namespace, says] of refused) {
  test(`refused with its place: ${what}`, () =>
    assert.throws(
      () => withNamespace(namespace),
      ({ message }: Error) => (message.startsWith(`${file}: `) && message.includes(says) ? true : assert.fail(message)),
    ));
}

test("refused with its place: a second namespace, an unknown field beside them, and what is no JSON", () => {
  assert.throws(() => read('{"UserConfig":{"Namespaces":[{"Name":"a"},{"Name":"b"}]}}'), /\/UserConfig\/Namespaces\/1 is one too many/);
  assert.throws(() => withNamespace({}, { Loging: {} }), /\/UserConfig\/Loging is not known; \/UserConfig may have Namespaces, Logging/);
  assert.throws(() => withNamespace({}, { Logging: { Typ: "File" } }), /\/UserConfig\/Logging\/Typ is not known/);
  assert.throws(() => read('{"UserConfig": }'), /config\.json: ValueExpected at position 15\./);
});
