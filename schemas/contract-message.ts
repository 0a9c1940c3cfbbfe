import { table } from "./tables.ts";

/** How a request comes as a message, and what its ids and its source may be, in words. */
export function messageWords(): string {
  return `Requests and answers are [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). A request, with a body of 256 KB at most
(262,144 bytes; what is larger is \`UnreadableMessage\`), comes in one of three modes:

${table(
  ["mode", "body", "how it is known", "id and source"],
  [
    ["structured", "the whole event", "content type `application/cloudevents+json`, or `specversion` in the body", "those of the event"],
    [
      "binary",
      "`data` alone",
      "application properties `cloudEvents_type`, `cloudEvents_id` … (or `cloudEvents:type` …), one for each attribute",
      "those of the properties",
    ],
    ["bare", "`data` alone", "neither", "the message's `messageId`, and `/service-bus/<queue>`"],
  ],
)}

Send the body as AMQP data (bytes), as the Service Bus clients do. A text message of JMS, and any
other AMQP value that is text, is carried out too, but minutes later: only after ten deliveries in
vain. Any other AMQP value or sequence is answered as \`UnreadableMessage\`.

The JavaScript client encodes every body as JSON: \`body: JSON.stringify(event)\` arrives as a JSON
string with the event in it. Such a string is unwrapped once, and all that is said here is about the
text in it. Better send \`body: event\`, or bytes.

\`source\` and \`id\` together name a request for ever: the same pair with the same payload is the same request, and gets the same answer again; with another
payload it is refused as \`RequestIdConflict\`. If the answer is wanted on a session, the message's \`replyToSessionId\` names it. A repetition may name another
session, which counts only on a queue with a source prefix; elsewhere nobody knows that it is the same sender.

A queue may have a source prefix, such as \`/ticketing\`: then its messages name only that source or
sources below it (\`/ticketing/servicenow\`, not \`/ticketing2\`). The source of bare bodies is
always allowed on its queue. Anything else is \`SourceNotAllowed\`, answered under the message's
\`messageId\` and the source \`/service-bus/<queue>\`, never under the source that it names.

The message's own \`messageId\` and \`replyToSessionId\` lose their exact text on the way to the app
if it is JSON: \`1000\`, \`1000.0\` and \`1e3\` arrive as one number, \`null\` as nothing, and
\`true\` as a truth value. A text in quotes arrives without them, which nobody can see: \`"a"\` and
\`a\` are one id.

${table(
  ["what arrives as a number or other JSON", "result"],
  [
    ["the `messageId` of a bare body", "`UnreadableMessage`: send an id with a letter, such as a UUID"],
    ["the attribute `id` or `source` in binary mode", "`UnreadableMessage`: send it as text"],
    [
      "`replyToSessionId`, also a whole number such as `42`",
      "not used: the answer goes to the topic without a session, with the warning `ReplySessionIgnored` in the answer to a request",
    ],
    ["the `messageId` of an event that names itself", "taken: it is not the request's id"],
    ["an id inside the body", "taken: it is text there, or refused"],
  ],
)}`;
}
