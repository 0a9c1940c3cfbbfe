import { table } from "./tables.ts";

/** Returns how a request is sent as a message, and what its ids and its source may be. */
export function messageWords(): string {
  return `Requests and completions are
[CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). The body of a
request has at most 256 KB (262,144 bytes). A larger one ends as \`UnreadableMessage\`. A request can be
sent in three modes:

${table(
  ["mode", "body", "recognized by", "id and source"],
  [
    ["structured", "the whole event", "content type `application/cloudevents+json`, or `specversion` in the body", "those of the event"],
    [
      "binary",
      "`data` alone",
      "application properties `cloudEvents_type`, `cloudEvents_id` … (or `cloudEvents:type` …), one for each attribute",
      "those of the properties",
    ],
    ["bare", "`data` alone", "none of the above", "the message's `messageId`, and `/service-bus/<queue>`"],
  ],
)}

An event is read by the JSON format and the AMQP binding of CloudEvents, alike in both modes: an
attribute that is null is unset, and extension attributes such as those that Dapr adds are accepted
and not read. Their names have only lower-case letters and digits; their values are strings, numbers
or booleans. \`data_base64\` is decoded; its bytes must be JSON.

Send the body as AMQP data (bytes), as the Service Bus clients do. A text message of JMS, or any
other AMQP value that is a string, works too. But it starts minutes later, because Service Bus
delivers it ten times first. Any other AMQP value or sequence ends as \`UnreadableMessage\`.

The JavaScript client encodes every body as JSON: \`body: JSON.stringify(event)\` arrives as a JSON
string with the event in it. Such a string is unwrapped once, and this page is about the text in it.
It is better to send \`body: event\`, or bytes.

\`source\` and \`id\` together identify a request for ever. If the same pair comes again with the same
payload, it is the same request, and the same completion is sent again. With another payload it is
rejected with \`RequestIdConflict\`.

To receive the completion on a session, set the message's \`replyToSessionId\`. A repeated message may
name another session. The app uses that one only on a queue with a source prefix: on other queues it
cannot know that the sender is the same.

A queue may have a source prefix, such as \`/ticketing\`. Then its messages may use that source and
sources below it (\`/ticketing/servicenow\`, but not \`/ticketing2\`). The source of bare bodies is always
allowed on its queue. Any other source is rejected with \`SourceNotAllowed\`. That completion has the
message's \`messageId\` and the source \`/service-bus/<queue>\`, never the source that the message names.

The message's \`messageId\` and \`replyToSessionId\` lose their exact text on the way to the app if they
look like JSON. \`1000\`, \`1000.0\` and \`1e3\` arrive as the same number, \`null\` as nothing, and \`true\` as
a boolean. A text in quotes arrives without the quotes, so \`"a"\` and \`a\` are the same id.

${table(
  ["what looks like a number or other JSON", "result"],
  [
    ["the `messageId` of a bare body", "`UnreadableMessage`: send an id with a letter, such as a UUID"],
    ["the attribute `id` or `source` in binary mode", "`UnreadableMessage`: send a string that is not a number"],
    [
      "`replyToSessionId`, also a whole number such as `42`",
      "ignored: the completion is sent without a session, with the warning `ReplySessionIgnored`",
    ],
    ["the `messageId` of a structured or binary event", "accepted: it is not the request's id"],
    ["an id inside the body", "accepted if it is a JSON string"],
  ],
)}`;
}
