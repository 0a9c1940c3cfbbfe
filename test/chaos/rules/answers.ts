import { conflictCode, type Delivery, type History, type Request } from "../events.ts";

/** Every payload that was asked for under a source and id has one event, by id and by content, delivered at least once; and nobody else has one. */
export function answers({ trace, requests, strays, byName }: History): string[] {
  const nonsense = new Set(trace.sent.filter(({ asks }) => asks === "nonsense").map(({ messageId }) => messageId));
  const kept = new Set(trace.quarantined);
  return [
    ...[...nonsense.difference(kept)].map((messageId) => `Message ${messageId} cannot be read and is not in quarantine.`),
    ...[...kept.difference(nonsense)].map((messageId) => `Message ${messageId} is in quarantine, although it can be read.`),
    ...strays.map(({ event }) => `Event ${event.id} answers something that nobody sent.`),
    ...requests.flatMap((request) => [...eachPayload(request), ...firstComes(request), ...asPromised(request, byName)]),
  ];
}

function eachPayload({ name, payloads }: Request): string[] {
  return [...payloads].flatMap(([payload, { sent, deliveries }]) => {
    const about = `${name}${payload === "" ? "" : ` (payload ${payload})`}`;
    if (deliveries.length === 0) return [`Request ${about} has no event; it was sent as message ${sent[0]?.messageId}.`];
    const ids = new Set(deliveries.map(({ event }) => event.id));
    const contents = new Set(deliveries.map(({ body }) => body));
    return [
      ...(ids.size > 1 ? [`Request ${about} has ${ids.size} event ids: ${[...ids].join(", ")}.`] : []),
      ...(ids.size === 1 && contents.size > 1 ? [`Event ${[...ids][0]} has ${contents.size} contents.`] : []),
      ...deliveries.flatMap(wronglyWrapped),
    ];
  });
}

/** The message id is the event's, or says of which message the event is a repetition; the properties repeat what stands in the event. */
function wronglyWrapped({ event, messageId, correlationId, properties }: Delivery): string[] {
  const { outcome, requestId, requestSource } = event.data;
  const suffix = messageId.startsWith(event.id) ? messageId.slice(event.id.length) : undefined;
  return [
    ...(suffix === undefined || !/^(\.r\d+)?$/.test(suffix) ? [`Event ${event.id} came under the message id ${messageId}.`] : []),
    ...(correlationId === requestId && properties["outcome"] === outcome && properties["requestSource"] === requestSource
      ? []
      : [`Message ${messageId} has properties that are not those of its event.`]),
  ];
}

/** Of several payloads under one id one is the request, and stays it; the others are conflicts, each with an event id of its own. */
function firstComes({ name, payloads }: Request): string[] {
  const answered = [...payloads].filter(([, { deliveries }]) => deliveries.length > 0);
  const isConflict = ({ event }: Delivery) => event.data.problem?.code === conflictCode;
  const first = answered.filter(([, { deliveries }]) => deliveries.some((delivery) => !isConflict(delivery)));
  const everyPayloadIsAnswered = answered.length === payloads.size;
  const owners = new Map<string, string>();
  const violations: string[] = [];
  for (const [payload, { deliveries }] of answered) {
    for (const id of new Set(deliveries.map(({ event }) => event.id))) {
      const owner = owners.get(id);
      if (owner !== undefined) violations.push(`Event ${id} answers two payloads of request ${name}: ${owner} and ${payload}.`);
      owners.set(id, payload);
    }
  }
  if (first.length > 1)
    violations.push(`Request ${name} was carried out with ${first.length} payloads: ${first.map(([one]) => one).join(", ")}.`);
  if (first.length === 0 && everyPayloadIsAnswered) violations.push(`Request ${name} is refused as a conflict with itself.`);
  for (const [payload, { deliveries }] of answered.filter((entry) => !first.includes(entry))) {
    const heardAt = Math.min(...deliveries.map(({ at }) => at));
    const others = [...payloads].filter(([other]) => other !== payload);
    if (others.every(([, { sent }]) => sent.every(({ at }) => at > heardAt)))
      violations.push(`Payload ${payload} of request ${name} was refused as a conflict before there was another one.`);
  }
  return violations;
}

function asPromised({ name, payloads, answers }: Request, byName: History["byName"]): string[] {
  const sent = [...payloads.values()].flatMap((payload) => payload.sent);
  const outcome = answers[0]?.event.data.outcome;
  const problem = answers[0]?.event.data.problem?.code;
  return sent.flatMap(({ mustSucceed, cancels }) => {
    if (mustSucceed && outcome !== undefined && outcome !== "Succeeded")
      return [`Request ${name} came when all was quiet, and ended as ${outcome} ${problem}.`];
    const stopped = cancels && byName(cancels.source, cancels.id);
    const ended = stopped?.answers[0]?.event.data.outcome;
    if (stopped && outcome === "Succeeded" && ended !== undefined && ended !== "Cancelled")
      return [`Cancellation ${name} says that it stopped request ${stopped.name}, which ended as ${ended}.`];
    return [];
  });
}
