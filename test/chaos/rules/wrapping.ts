import type { Delivery, History } from "../events.ts";
import type { Sent } from "../trace.ts";

/** Which outcome a problem code goes with (docs/contract.md); the others are Failed. */
const outcomes: Readonly<Record<string, readonly string[]>> = {
  Rejected: [
    ...["InvalidRequest", "UnreadableMessage", "UnsupportedVersion", "RequestIdConflict", "SecretNotAllowed", "SecretUnusable"],
    ...["RequestUnknown", "RequestFinished", "Undeliverable"],
  ],
  Cancelled: ["RequestCancelled"],
};

/** Every event is a CloudEvent of the contract's form, and its message repeats what stands in it. */
export function wrapping({ requests }: History): string[] {
  return requests.flatMap(({ payloads }) =>
    [...payloads.values()].flatMap(({ sent, deliveries }) =>
      deliveries.flatMap((delivery) => [
        ...wrongMessage(delivery),
        ...wrongEnvelope(delivery),
        ...wrongData(delivery, sent),
        ...wrongSession(delivery, sent),
      ]),
    ),
  );
}

/** The message id is the event's, or says of which message the event is a repetition; the properties repeat what stands in the event. */
function wrongMessage({ event, messageId, correlationId, contentType, properties }: Delivery): string[] {
  const { outcome, change, problem, requestId, requestSource } = event.data;
  const suffix = messageId.startsWith(event.id) ? messageId.slice(event.id.length) : undefined;
  const gateway = event.subject?.split("/vpnConnections/")[0];
  const said = { outcome, requestSource, change: change ?? undefined, problemCode: problem?.code, gateway };
  const wrong = Object.entries(said).filter(([name, value]) => properties[name] !== value);
  return [
    ...(suffix === undefined || !/^(\.r\d+)?$/.test(suffix) ? [`Event ${event.id} came under the message id ${messageId}.`] : []),
    ...(correlationId === requestId && wrong.length === 0
      ? []
      : [`Message ${messageId} has properties that are not those of its event: ${wrong.map(([name]) => name).join(", ")}.`]),
    ...(/^application\/cloudevents\+json; charset=utf-8$/.test(contentType) ? [] : [`Message ${messageId} is ${contentType}.`]),
  ];
}

function wrongEnvelope({ event }: Delivery): string[] {
  const { specversion, type, source, datacontenttype, time } = event;
  const right =
    specversion === "1.0" &&
    type === "vpn-connection.provision.completed.v1" &&
    source === "/vpn-connection-provisioner" &&
    datacontenttype === "application/json" &&
    Date.parse(time) === Date.parse(event.data.timing.completedAt ?? "");
  return right ? [] : [`Event ${event.id} has an envelope that is not the contract's.`];
}

/** A success has what it made, a plan its differences, everything else a problem of its outcome; and the ticket is the request's, to the letter. */
function wrongData({ event, body }: Delivery, sent: readonly Sent[]): string[] {
  const { outcome, change, resource, problem, diff } = event.data;
  const asks = sent[0]?.asks;
  const code = problem?.code ?? "";
  const made =
    asks === "cancel"
      ? change === null && resource === null
      : resource !== null && change !== null && (change !== "Updated" || diff !== null);
  const right =
    outcome === "Succeeded"
      ? problem === null && made
      : outcome === "Planned"
        ? problem === null && diff !== null
        : (Object.keys(outcomes).find((each) => outcomes[each]?.includes(code)) ?? "Failed") === outcome && code !== "" && change === null;
  const tickets = new Set(sent.map(({ ticket }) => ticket ?? "null"));
  return [
    ...(right ? [] : [`Event ${event.id} says ${outcome} ${change} ${code}, which do not go together.`]),
    ...([...tickets].some((ticket) => body.includes(`"ticket":${ticket}`))
      ? []
      : [`Event ${event.id} has another ticket than its request.`]),
  ];
}

/** The answer is on a session that one of the request's messages asked for; on none only where one of them asked for none. */
function wrongSession({ messageId, sessionId, properties }: Delivery, sent: readonly Sent[]): string[] {
  const asked = sent.some(({ replyTo }) => replyTo === sessionId);
  const marked = properties["reply"] === (sessionId === undefined ? undefined : "true");
  return [
    ...(asked
      ? []
      : [`Message ${messageId} is on ${sessionId === undefined ? "no session" : `session ${sessionId}`}, which nobody asked for.`]),
    ...(marked ? [] : [`Message ${messageId} has the property reply ${properties["reply"]}.`]),
  ];
}

/** Whoever asks again for what was answered long ago gets the answer again: one more message for each, on the session that was asked for. */
export function repetitions({ requests }: History): string[] {
  return requests.flatMap((request) => {
    const late = request.own.filter((message) => message.late);
    if (late.length === 0) return [];
    const since = Math.min(...late.map(({ at }) => at));
    const again = request.answers.filter(({ at, event, messageId }) => at >= since && messageId !== event.id);
    const missing = late.length - new Set(again.map(({ messageId }) => messageId)).size;
    const unheard = late.filter(({ replyTo }) => replyTo !== undefined && !again.some(({ sessionId }) => sessionId === replyTo));
    return [
      ...(missing > 0
        ? [`Request ${request.name} came again ${late.length} times after its answer, which was sent again ${missing} times less.`]
        : []),
      ...unheard.map(
        ({ replyTo }) => `Request ${request.name} came again and wanted its answer on session ${replyTo}, where there is none.`,
      ),
    ];
  });
}
