import { completedType, eventSource } from "../shared/contract/completion.ts";
import { boundsText } from "./bounds.ts";
import { comparisonSection } from "./comparison-section.ts";
import { completionExamples } from "./completion-examples.ts";
import { acceptedWords } from "./contract-accepted.ts";
import { messageWords } from "./contract-message.ts";
import { problemValuesWords, receptionWords, schemaWords } from "./contract-reception.ts";
import { compatibilityWords, orderWords } from "./contract-words.ts";
import { type JsonSchema, jsonSchemas } from "./json-schema.ts";
import { partAt } from "./rows.ts";
import { fieldTable, otherTable, preflightTable, problemTable, ruleTable, structureTable } from "./tables.ts";

const { request, cancel, completion } = jsonSchemas();
const data = partAt(request, "data");
const properties = "data.connection.properties";
const link = partAt(request, `${properties}.vpnLinkConnections[]`);
const policy = partAt(request, `${properties}.ipsecPolicies[]`);
const answer = partAt(completion, "data");
const finding = partAt(completion, "data.warnings[]");

/** The parts with their own table. */
const parts = new Map<JsonSchema, string>([
  [data, "[the request](#data)"],
  [partAt(cancel, "data"), "[which request](#data-of-a-cancellation)"],
  [link, "[link connection](#link-connections)"],
  [policy, "[IPsec policy](#ipsec-policies)"],
  [partAt(link, "properties.ipsecPolicies[]"), "[IPsec policy](#ipsec-policies)"],
  [answer, "[the completion](#data-of-the-completion)"],
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

/** Returns the page about the contract. */
export function contractPage(): string {
  return `# The contract

Version 1: what a request may contain, and what its completion contains. The tables are generated from
the code (\`npm run contract\`), so they have every field and code.

For programs there are:

* JSON Schemas (2020-12) of the [request event](../schemas/request.schema.json), its
  [data alone](../schemas/request-data.schema.json), the [cancellation](../schemas/cancel.schema.json)
  and the [completion event](../schemas/completion.schema.json),
* an [AsyncAPI 3 document](../schemas/asyncapi.json) of the queues and the topic,
* TypeScript types: \`import type { ProvisionRequestedEvent } from "vpn-connection-provisioner/contract"\`,
  or a copy of [\`events.d.ts\`](../schemas/events.d.ts), which imports nothing.

${schemaWords()}

\`npm run validate\` checks a request on your machine, without sending it.

## A request

${messageWords()}

${boundsText()}

Unknown fields are rejected, never ignored. In the tables below, "required" means required within the
object that contains the field.

### The envelope

${fieldTable(request, parts)}

\`id\` and \`source\` have 1 to 128 printable characters.

### Data

${fieldTable(data, parts)}

${acceptedWords()}

The names of the gateway and the connection have 1 to 80 letters, digits, \`_\`, \`.\` or \`-\`. They start
with a letter or digit, and end with a letter, digit or \`_\`.

### Link connections

Each of \`connection.properties.vpnLinkConnections[]\`:

${fieldTable(link, parts)}

### IPsec policies

Each of \`ipsecPolicies[]\`, on a connection without links or on a link:

${fieldTable(policy, parts)}

${orderWords()}

### Data of a cancellation

${fieldTable(partAt(cancel, "data"), parts)}

## The completion

Every request and every cancellation gets one completion: an event of type
\`${completedType}\` from \`${eventSource}\`, in structured mode. It is delivered
at least once, always with the same event id.

${fieldTable(completion, parts)}

### Data of the completion

${fieldTable(answer, parts)}

\`Succeeded\` has a \`change\` and a \`resource\`, except for a cancellation. \`Planned\` has a \`diff\`. Every
other outcome has a \`problem\`. \`Rejected\` means that the request was never started:

\`\`\`jsonc
${example}
\`\`\`

${comparisonSection}

### Findings

Each of \`warnings[]\` and \`problem.details[]\`:

${fieldTable(finding, parts)}

A \`target\` is relative to the whole event, in structured and in binary mode alike: \`/data/…\` for the
data, \`/type\` or \`/source\` for an attribute. For a bare body it is relative to the body. It is empty if
the finding is about the message itself, such as its \`messageId\`.

### On Service Bus

${receptionWords()}

An event has less than 256 KB. If it would be larger, parts are left out: first attempts, then findings,
then Azure's details and the resource. The warning \`Truncated\` names them.

## Codes of findings

An error stops the request. A warning is added to its completion. A rule is an error only if Azure or
its documentation is known to refuse what breaks it. If that is only likely, it is a warning. An operator
can turn warnings into errors (\`raisedWarnings\` in the setting \`PROVISIONING_POLICY\`).

### One field

All errors.

${structureTable()}

### Rules

${ruleTable()}

### Resources in Azure

The setting \`PREFLIGHT\` decides what happens if a resource does not exist. \`enforce\` (the default)
rejects the request, \`warn\` adds a warning, and \`off\` skips the check. If none of the resources can be
found, the reason may be missing permissions of the app. Then there are only warnings.

The app remembers for 60 s what it read. An error never comes from that: the app reads again first. If
a warning does, \`arm.attempts\` has an entry with \`remembered\`.

${preflightTable()}

### Others

All warnings.

${otherTable()}

## Problem codes

${problemTable()}

${problemValuesWords()}

## Compatibility

${compatibilityWords()}
`;
}
