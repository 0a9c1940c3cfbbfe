import { table } from "./tables.ts";

/** The properties of the message that a completion is sent in. */
const propertyTable = table(
  ["message property", "value"],
  [
    [
      "`messageId`",
      "the event's id. If the completion is sent again because its request came again: `<event id>.r<sequence number of the request>`",
    ],
    ["`correlationId`", "the request's id"],
    ["`sessionId`", "the request's `replyToSessionId`, if it has one"],
    ["`contentType`", "`application/cloudevents+json; charset=utf-8`"],
    ["application property `outcome`", "as in `data`"],
    ["application property `change`", "as in `data`, if there is one"],
    ["application property `problemCode`", "the problem's code, if there is one"],
    ["application property `requestSource`", "as in `data`"],
    ["application property `gateway`", "Resource Manager id of the gateway, if the request was valid"],
    ["application properties `traceparent` and `Diagnostic-Id`", "as `traceparent` in the event, if there is one"],
    ["application property `reply`", "`true`, if the request has a `replyToSessionId`"],
  ],
);

/** Returns what a requester needs in Service Bus, and how long messages are kept. */
export function receptionWords(): string {
  return `${propertyTable}

A requester needs the role *Azure Service Bus Data Sender* on the request queue, and *Azure Service Bus
Data Receiver* on the subscription that it reads. Nothing else of the namespace is needed.

${table(
  ["subscription", "for", "rule", "kept for"],
  [
    ["`all`, or one like it", "every completion", "none, or a filter on `requestSource` or `outcome`", "14 days"],
    ["`replies`", "completions on a session", "the correlation filter `reply` = `true`; sessions are required", "1 day"],
  ],
)}

Messages of the request queue and of the quarantine queue are kept for 14 days. After that time
Service Bus removes a message, read or not. A request that is sent again gets its completion again.

Azure gives every new subscription the rule \`$Default\`, which lets everything through. A rule that you
add does not replace it: a message comes through if any rule matches. Delete \`$Default\`
([topic filters](https://learn.microsoft.com/en-us/azure/service-bus-messaging/topic-filters)).`;
}

/** Returns when an event says something else about a problem than the table of codes. */
export function problemValuesWords(): string {
  return `The table has the usual values. The \`retryable\` and \`actor\` of an event win. They differ in these cases:

* \`OperationFailed\` is \`retryable\` with the actor \`nobody\` if Azure's error is about Azure itself (an
  internal error, a time-out, a busy gateway) or about a resource that is not ready yet.
* \`RequestRefused\` is \`retryable\` with the actor \`nobody\` if Azure did not find a resource that the
  request names, although the app has just read it.
* \`QueueDeadlineExceeded\` and \`OperationDeadlineExceeded\` have the actor \`operator\` if the app waited for
  one of its sealing keys.`;
}

/** Returns what the JSON Schemas say, and what they cannot say. */
export function schemaWords(): string {
  return `The JSON Schemas are structure only: types, required fields, lists of values, bounds of numbers and
texts. The rules between fields, and what Azure knows, are on this page. A validator must know JSON
Schema 2020-12, for example \`Ajv2020\` of [Ajv](https://ajv.js.org/json-schema.html); the plain \`Ajv\`
class does not.`;
}
