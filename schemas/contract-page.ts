import { cancelType } from "../shared/contract/cancel.ts";
import { completedType, eventSource } from "../shared/contract/completion.ts";
import { requestType } from "../shared/contract/request.ts";
import { boundsText } from "./bounds.ts";
import { completionExamples } from "./completion-examples.ts";
import { messageWords } from "./contract-message.ts";
import { type JsonSchema, jsonSchemas } from "./json-schema.ts";
import { partAt } from "./rows.ts";
import { fieldTable, otherTable, preflightTable, problemTable, ruleTable, structureTable, table } from "./tables.ts";

const { request, cancel, completion } = jsonSchemas();
const data = partAt(request, "data");
const properties = "data.connection.properties";
const link = partAt(request, `${properties}.vpnLinkConnections[]`);
const policy = partAt(request, `${properties}.ipsecPolicies[]`);
const answer = partAt(completion, "data");
const finding = partAt(completion, "data.warnings[]");

/** What has a table of its own; what stands in two places has one. */
const parts = new Map<JsonSchema, string>([
  [data, "[the request](#data)"],
  [partAt(cancel, "data"), "[which request](#data-of-a-cancellation)"],
  [link, "[link connection](#link-connections)"],
  [policy, "[IPsec policy](#ipsec-policies)"],
  [partAt(link, "properties.ipsecPolicies[]"), "[IPsec policy](#ipsec-policies)"],
  [answer, "[the answer](#data-of-the-answer)"],
  [finding, "[finding](#findings)"],
  [partAt(completion, "data.problem.details[]"), "[finding](#findings)"],
  [partAt(completion, "data.problem.code"), "[problem code](#problem-codes)"],
]);

const rejected = completionExamples().rejected.data.problem;
const example = JSON.stringify(
  { ...rejected, details: rejected?.details.filter(({ code }) => code === "RoutingWeightOutOfRange") },
  null,
  2,
);

/** The contract in words and tables. */
export function contractPage(): string {
  return `# The contract

Version 1: what a request may say, and what the answer says. The tables are made from the code (\`npm run contract\`), so they have every field and code.

For programs: JSON Schema 2020-12 of the [request event](../schemas/request.schema.json), its [data alone](../schemas/request-data.schema.json), the
[cancellation](../schemas/cancel.schema.json) and the [completion event](../schemas/completion.schema.json); an [AsyncAPI 3 document](../schemas/asyncapi.json) of queues and topic; and TypeScript types:
\`import type { ProvisionRequestedEvent } from "vpn-connection-provisioner/contract"\`, or a copy of [\`events.d.ts\`](../schemas/events.d.ts), which needs nothing
else. \`npm run validate\` says offline what the app would find in a request.

## A request

${messageWords()}

${boundsText()}
Unknown fields are refused, never dropped. "Required" below is meant within the object around the field.

### The envelope

${fieldTable(request, parts)}

\`id\` and \`source\` have 1 to 128 printable characters.

### Data

${fieldTable(data, parts)}

Fields that only the service writes (\`etag\` and \`type\`, \`provisioningState\`, \`connectionStatus\`, \`ingressBytesTransferred\`, \`egressBytesTransferred\`,
\`bgpConnections\`, \`propagateStaticRoutes\`) are left out with the warning \`ReadOnlyFieldIgnored\`, because clients that read, change and write back send them.
The JSON Schemas do not have them.

The names of gateway and connection have 1 to 80 letters, digits, \`_\`, \`.\` or \`-\`, begin with a letter or digit and end with one or with \`_\`.

### Link connections

Each of \`connection.properties.vpnLinkConnections[]\`:

${fieldTable(link, parts)}

### IPsec policies

Each of \`ipsecPolicies[]\`, on a connection without links or on a link:

${fieldTable(policy, parts)}

## The order of requests

Of two requests for one connection the newer one stands in the end. A request is newer if the broker
took its message later: in one queue the message with the higher sequence number, otherwise (two
queues, or a partitioned one) the one with the later enqueued time. Of two with equal times neither
is newer.

Requests may reach Azure in another order than they came. Once a newer one was sent to Azure and not
refused, or found everything as it wants it, an older one writes nothing any more: it ends as
\`Rejected\` with \`Superseded\`, or as \`Succeeded\` and \`Unchanged\` if everything is as it wants it,
keys included. This holds for a newer one that failed in Azure, too. A plan neither ends so nor
makes another request too late. A repetition of a request that was answered gets its old answer.

## A cancellation

An event of type \`${cancelType}\`, in structured or binary mode, with the envelope of a request and an id of its own. It must
come from the same \`source\` as the request that it names (for a bare body, \`/service-bus/<queue>\`); any other is \`SourceNotAllowed\`. It stops a
request that waits; what Azure has begun goes on there. The request is answered as \`Cancelled\`. The cancellation has an answer of its own: \`Succeeded\`
without \`change\` and \`resource\` when the request was stopped, else a problem such as \`RequestFinished\` or \`RequestUnknown\`.

### Data of a cancellation

${fieldTable(partAt(cancel, "data"), parts)}

## The answer

Every request and cancellation gets one completion, an event of type \`${completedType}\` from \`${eventSource}\`, in structured mode. It is delivered at
least once, always under the same event id.

${fieldTable(completion, parts)}

### Data of the answer

${fieldTable(answer, parts)}

\`Succeeded\` comes with \`change\` and \`resource\` (that of a cancellation with neither), \`Planned\` with \`diff\`, every other outcome with a \`problem\`.
\`Rejected\` means that the request was never begun:

\`\`\`jsonc
${example}
\`\`\`

### Findings

Each of \`warnings[]\` and \`problem.details[]\`:

${fieldTable(finding, parts)}

### On Service Bus

${table(
  ["of the message", "value"],
  [
    [
      "`messageId`",
      "the event's id; `<event id>.r<sequence number of the request>` where an answer is sent again because its request came again",
    ],
    ["`correlationId`", "the request's id"],
    ["`sessionId`", "the request's `replyToSessionId`, where it has one"],
    ["`contentType`", "`application/cloudevents+json; charset=utf-8`"],
    ["application property `outcome`", "as in `data`"],
    ["application property `change`", "as in `data`, where there is one"],
    ["application property `problemCode`", "the problem's code, where there is one"],
    ["application property `requestSource`", "as in `data`"],
    ["application property `gateway`", "Resource Manager id of the gateway, where the request was valid"],
    ["application property `reply`", "`true`, where `replyToSessionId` asked for it"],
  ],
)}

An event stays below 256 KB: exchanges are cut first, then findings, Azure's details and the resource, and the warning \`Truncated\` says so.

## Codes of findings

An error stops the request, a warning travels with its answer. An error is only what the service or its documentation is known to refuse; what is inferred is a
warning, which an operator may raise to an error (\`raisedWarnings\` in the setting \`PROVISIONING_POLICY\`).

### One field

All errors.

${structureTable()}

### Rules

${ruleTable()}

### What is looked up in Azure

With the setting \`PREFLIGHT\` at \`enforce\`, its default, what is missing stops a request; at \`warn\` it is told; at \`off\` nothing is read. Where nothing at all
that a request names can be found, the app takes it that it may not see it, and only warns.

${preflightTable()}

### Others

All warnings.

${otherTable()}

## Problem codes

${problemTable()}

## What stays

* Within version 1 no field changes its meaning and no code its own. What breaks that gets another event type than \`${requestType}\`.
* New optional fields may come, in requests and answers, and new codes, outcomes and rules. Ignore fields that you do not know, take an unknown outcome for
  no success, and branch on \`retryable\` and \`actor\` where a code is unknown. The schemas are as strict as this version of the app; they come with it.
* Sentences (\`message\`) are for people and may be reworded.
`;
}
