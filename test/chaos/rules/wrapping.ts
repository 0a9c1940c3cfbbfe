import type { Delivery, History } from "../events.ts";
import type { Sent } from "../trace.ts";

/** Which outcome a problem code goes with (docs/contract.md); the others are Failed. */
const outcomes: Readonly<Record<string, readonly string[]>> = {
  Rejected: [
    ...[
      "InvalidRequest",
      "UnreadableMessage",
      "UnsupportedVersion",
      "RequestIdConflict",
      "Superseded",
      "SecretNotAllowed",
      "SecretUnusable",
    ],
    ...["RequestUnknown", "RequestFinished", "Undeliverable"],
  ],
  Cancelled: ["RequestCancelled"],
};

/** The state of a connection in Azure that a problem code goes with: Azure said so. */
const states: Readonly<Record<string, string>> = { OperationFailed: "Failed", ProvisioningFailed: "Failed", OperationCanceled: "Canceled" };

/**
 * Every event is a CloudEvent of the contract's form, and its message repeats what stands in it.
 */
export function wrapping({ requests }: History): string[] {
  return requests.flatMap(({ payloads }) =>
    [...payloads.values()].flatMap(({ sent, deliveries }) =>
      deliveries.flatMap((delivery) => [
        ...wrongMessage(delivery),
        ...wrongEnvelope(delivery, sent),
        ...wrongData(delivery, sent),
        ...wrongSession(delivery, sent),
      ]),
    ),
  );
}

/**
 * The message id is the event's, or says of which message the event is a repetition; the properties
 * repeat what stands in the event.
 */
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

function wrongEnvelope({ event }: Delivery, sent: readonly Sent[]): string[] {
  const { specversion, type, source, datacontenttype, time, subject, traceparent } = event;
  const { outcome, change, timing } = event.data;
  // Whoever had a gateway, or a plan, was valid, and so it is known what it was about.
  const isAbout = subject !== undefined || (outcome !== "Planned" && change === null && timing.leaseGrantedAt === null);
  const isTraced = sent.some((message) => message.traceparent === undefined || message.traceparent === traceparent);
  const right =
    isAbout &&
    isTraced &&
    specversion === "1.0" &&
    type === "vpn-connection.provision.completed.v1" &&
    source === "/vpn-connection-provisioner" &&
    datacontenttype === "application/json" &&
    Date.parse(time) === Date.parse(timing.completedAt ?? "");
  return right ? [] : [`Event ${event.id} has an envelope that is not the contract's.`];
}

/**
 * A success has what it made, a plan its differences, everything else a problem of its outcome; and
 * the ticket is the request's, to the letter.
 */
function wrongData({ event, body }: Delivery, sent: readonly Sent[]): string[] {
  const { outcome, change, resource, problem, diff, armState } = event.data;
  const asks = sent[0]?.asks;
  const code = problem?.code ?? "";
  const made =
    asks === "cancel"
      ? change === null && resource === null
      : resource !== null && change !== null && (diff !== null) === (change === "Updated");
  const right =
    outcome === "Succeeded"
      ? problem === null && made
      : outcome === "Planned"
        ? problem === null && diff !== null
        : (Object.keys(outcomes).find((each) => outcomes[each]?.includes(code)) ?? "Failed") === outcome && code !== "" && change === null;
  const state = outcome === "Succeeded" && change !== null ? "Succeeded" : states[code];
  const tickets = new Set(sent.map(({ ticket }) => ticket ?? "null"));
  return [
    ...(right ? [] : [`Event ${event.id} says ${outcome} ${change} ${code}, which do not go together.`]),
    ...(state === undefined || state === armState ? [] : [`Event ${event.id} says ${outcome} ${code}, and ${armState} of the connection.`]),
    ...([...tickets].some((ticket) => body.includes(`"ticket":${ticket}`))
      ? []
      : [`Event ${event.id} has another ticket than its request.`]),
  ];
}

/**
 * The answer is on a session that one of the request's messages asked for; on none only where one
 * of them asked for none.
 */
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
