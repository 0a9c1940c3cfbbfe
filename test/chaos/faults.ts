import type { Fault } from "../../local/azure/faults.ts";
import type { Chance } from "./chance.ts";

type Script = readonly Omit<Fault, "connection">[];

/** How Azure refuses. */
export const refusal = (status: number, code: string, seconds?: number): NonNullable<Fault["respond"]> => ({
  status,
  ...(seconds === undefined ? {} : { headers: { "retry-after": String(seconds) } }),
  body: { error: { code, message: "Scripted.", details: [] } },
});

/**
 * What Resource Manager makes of the first PUT of a connection, by name; `seconds` is how long its
 * operation takes.
 */
const firstPuts: Readonly<Record<string, (chance: Chance, seconds: number) => Script>> = {
  ordinary: (_, seconds) => [{ on: "put", operation: { seconds } }],
  slow: (chance) => [{ on: "put", operation: { seconds: chance.whole(320, 500) } }],
  failing: (_, seconds) => [{ on: "put", operation: { seconds, end: "Failed" } }],
  canceled: (_, seconds) => [{ on: "put", operation: { seconds, end: "Canceled" } }],
  "answer lost": (_, seconds) => [{ on: "put", reset: "after", operation: { seconds } }],
  "question lost": (chance) => [{ on: "put", reset: "before", times: chance.whole(1, 2) }],
  busy: (chance) => [{ on: "put", times: chance.whole(1, 2), respond: refusal(409, "AnotherOperationInProgress") }],
  throttled: (chance) => [{ on: "put", times: chance.whole(1, 3), respond: refusal(429, "TooManyRequests", chance.whole(1, 20)) }],
  down: (chance) => [{ on: "put", times: chance.whole(1, 3), respond: refusal(503, "ServerBusy") }],
  "broken off": (_, seconds) => [{ on: "put", reset: "during", operation: { seconds } }],
  "kept busy": (chance) => [{ on: "put", busySeconds: chance.whole(10, 60) }],
  "slow to show it": (chance, seconds) => [{ on: "put", operation: { seconds, lagSeconds: chance.whole(5, 60) } }],
  "without operation": (_, seconds) => [{ on: "put", operation: { seconds }, headers: { "azure-asyncoperation": null } }],
  late: (chance, seconds) => [{ on: "put", delaySeconds: chance.whole(3, 60), operation: { seconds } }],
  "late and failing": (chance, seconds) => [{ on: "put", delaySeconds: chance.whole(3, 60), operation: { seconds, end: "Failed" } }],
  refused: () => [{ on: "put", respond: refusal(400, "BadRequest") }],
};

/** Faults that hit whoever comes next. */
const outages: Readonly<Record<string, (chance: Chance) => Script>> = {
  "reads refused": (chance) => [{ on: "get", times: chance.whole(1, 4), respond: refusal(503, "ServerBusy") }],
  "reads throttled": (chance) => [{ on: "get", times: chance.whole(1, 4), respond: refusal(429, "TooManyRequests", chance.whole(1, 10)) }],
  "reads lost": (chance) => [{ on: "get", times: chance.whole(1, 4), reset: chance.pick(["before", "after"]) }],
  "reads late": (chance) => [{ on: "get", times: chance.whole(1, 4), delaySeconds: chance.whole(3, 25) }],
  "reads forbidden": () => [{ on: "get", respond: refusal(403, "AuthorizationFailed") }],
  "checks refused": (chance) => [{ on: "check", times: chance.whole(1, 6), respond: refusal(503, "ServerBusy") }],
  "checks late": (chance) => [{ on: "check", times: chance.whole(1, 6), delaySeconds: chance.whole(3, 25) }],
  "polls refused": (chance) => [{ on: "poll", times: chance.whole(1, 5), respond: refusal(500, "InternalServerError") }],
  "polls lost": (chance) => [{ on: "poll", times: chance.whole(1, 5), reset: chance.pick(["before", "after"]) }],
  "polls late": (chance) => [{ on: "poll", times: chance.whole(1, 4), delaySeconds: chance.whole(3, 25) }],
  "polls forgotten": (chance) => [{ on: "poll", times: chance.whole(1, 2), respond: refusal(404, "NotFound") }],
  "polls forbidden": () => [{ on: "poll", times: 2, respond: refusal(403, "AuthorizationFailed") }],
};

/** Faults with a name for the operator. */
export interface Weather {
  readonly name: string;
  readonly faults: readonly Fault[];
}

/**
 * Where it is most likely that a deadline passes, or that a host is killed, while Azure is at work.
 */
const fruitful = ["slow", "slow", "late", "late and failing"];

/** Draws what becomes of the first PUT of a connection: half of them are ordinary. */
export function drawFirstPut(chance: Chance, connection: string): Weather {
  const [first, ...others] = Object.keys(firstPuts) as [string, ...string[]];
  const name = chance.often(0.5) ? first : chance.pick([first, ...others, ...fruitful]);
  const script = firstPuts[name]?.(chance, chance.whole(10, 60)) ?? [];
  return { name, faults: script.map((fault) => ({ connection, ...fault })) };
}

/** Draws an outage. */
export function drawOutage(chance: Chance): Weather {
  const name = chance.pick(Object.keys(outages) as [string, ...string[]]);
  return { name, faults: (outages[name]?.(chance) ?? []).map((fault) => ({ connection: "*", ...fault })) };
}
