import { type History, isConflict, type Request } from "../events.ts";
import type { Sent, Trace } from "../trace.ts";

/**
 * Every payload that was asked for under a source and id has one event, by id and by content,
 * delivered at least once; and nobody else has one.
 */
export function answers({ trace, requests, strays }: History): string[] {
  const nonsense = new Set(trace.sent.filter(({ asks }) => asks === "nonsense").map(named));
  const kept = new Set(trace.quarantined.map(named));
  return [
    ...[...nonsense.difference(kept)].map((message) => `Message ${message} cannot be read and is not in quarantine as it came.`),
    ...[...kept.difference(nonsense)].map((message) => `Message ${message} is in quarantine, although it can be read.`),
    ...strays.map(({ event }) => `Event ${event.id} answers something that nobody sent.`),
    ...requests.flatMap((request) => [...eachPayload(request), ...firstComes(request), ...keptFromClaim(request, trace)]),
  ];
}

const named = ({ messageId, bodySha256 }: Pick<Sent, "messageId" | "bodySha256">) => `${messageId} (body ${bodySha256.slice(0, 8)})`;

function eachPayload({ name, payloads }: Request): string[] {
  return [...payloads].flatMap(([payload, { sent, deliveries }]) => {
    const about = `${name}${payload === "" ? "" : ` (payload ${payload})`}`;
    if (deliveries.length === 0) return [`Request ${about} has no event; it was sent as message ${sent[0]?.messageId}.`];
    const ids = new Set(deliveries.map(({ event }) => event.id));
    const contents = new Set(deliveries.map(({ body }) => body));
    return [
      ...(ids.size > 1 ? [`Request ${about} has ${ids.size} event ids: ${[...ids].join(", ")}.`] : []),
      ...(ids.size === 1 && contents.size > 1 ? [`Event ${[...ids][0]} has ${contents.size} contents.`] : []),
    ];
  });
}

/**
 * Of several payloads under one id one is the request, and stays it; the others are conflicts, each
 * with its own event id.
 */
function firstComes({ name, payloads }: Request): string[] {
  const answered = [...payloads].filter(([, { deliveries }]) => deliveries.length > 0);
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

/** An answer that was claimed is the answer, whatever became of the instance that claimed it. */
function keptFromClaim({ answers }: Request, { terminated }: Trace): string[] {
  return answers
    .slice(0, 1)
    .flatMap(({ event }) =>
      terminated
        .filter(({ claimed }) => claimed?.id === event.id && claimed.time !== event.time)
        .map(({ claimed }) => `Event ${event.id} of ${event.time} came, although the one of ${claimed?.time} was claimed.`),
    );
}
