import fc from "fast-check";
import type { CompletionData } from "../../shared/contract/completion.ts";
import type { composeCompletion } from "../../shared/contract/compose.ts";
import { type ProblemCode, problem, problemCodes } from "../../shared/contract/problem.ts";

type About = Parameters<typeof composeCompletion>[0];

const at = "2026-01-01T00:00:00.000Z";

/**
 * Texts as a sender or Azure may write them: of any length up to a whole message, with what JSON
 * and UTF-8 make larger.
 */
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc
    .record({
      of: fc.constantFrom("x", "é", "\u0001", '"', "\ud83d\ude00", "\ud83d", "\u0000", "/"),
      times: fc.constantFrom(1, 130, 5_000, 250_000),
    })
    .map(({ of, times }) => of.repeat(Math.ceil(times / of.length))),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner: unknown) => ({ inner: [inner] }), "core");
const tree = fc.oneof(
  fc.jsonValue(),
  text,
  fc.constantFrom(10, 300).map(nested),
  fc.record({ item: text, times: fc.constantFrom(1, 600) }).map(({ item, times }) => Array(times).fill(item.slice(0, 1_000))),
  text.map((name) => JSON.parse(`{${JSON.stringify(name)}:1,"__proto__":{"constructor":2}}`) as unknown),
);
const finding = fc.record({
  code: text,
  severity: fc.constantFrom("error", "warning"),
  message: text,
  target: text,
  source: text,
  actor: fc.constantFrom("requester", "operator", "nobody"),
});
/** A list that may be long: few different items, many times. */
const many = <T>(item: fc.Arbitrary<T>) =>
  fc
    .record({ items: fc.array(item, { maxLength: 3 }), times: fc.constantFrom(1, 1, 1, 150) })
    .map(({ items, times }) => Array.from({ length: items.length === 0 ? 0 : times }, (_, index) => items[index % items.length] as T));
const difference = fc.record({ target: text, change: fc.constantFrom("set", "add"), before: tree, after: tree });
const arm = fc.record({
  status: maybe(fc.integer()),
  code: maybe(text),
  message: maybe(text),
  details: many(tree),
  target: text,
  innererror: tree,
  additionalInfo: tree,
});
const someProblem = fc
  .record({
    code: fc.constantFrom(...(Object.keys(problemCodes) as ProblemCode[])),
    message: text,
    target: text,
    details: many(finding),
    arm: fc.option(arm, { nil: undefined }),
  })
  .map(({ code, message, ...more }) => problem(code, message, more as Parameters<typeof problem>[2]));
const attempt = fc.record(
  {
    at: fc.constant(at),
    action: fc.constantFrom("get", "put", "check"),
    clientRequestId: fc.uuid(),
    status: maybe(fc.integer()),
    code: maybe(text),
    retryAfterSeconds: maybe(fc.double()),
    remembered: fc.record({ resourceId: text, ageSeconds: fc.nat(60) }),
  },
  { requiredKeys: ["at", "action", "clientRequestId", "status", "code", "retryAfterSeconds"] },
);

/** What an answer may be put together of, whatever the message, the request and Azure said. */
export const anyCompletion: fc.Arbitrary<About> = fc
  .record({
    traceparent: maybe(text),
    ticket: maybe(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), text).map((value) => JSON.stringify(value))),
    replySessionId: maybe(text),
    target: maybe(
      fc.record({ subscriptionId: fc.constant("s"), resourceGroupName: text, gatewayName: text, connectionName: fc.constant("c") }),
    ),
    requestId: text,
    requestSource: text,
    outcome: fc.constantFrom("Succeeded", "Failed"),
    change: maybe(fc.constantFrom("Created", "Updated")),
    resource: tree,
    problem: maybe(someProblem),
    warnings: many(finding),
    diff: maybe(many(difference)),
    armState: maybe(text),
    operationId: maybe(text),
    attempts: many(attempt),
    digits: fc.stringMatching(/^[0-9a-f]{40}$/),
  })
  .map(({ traceparent, ticket, replySessionId, target, digits, operationId, attempts, ...data }) => ({
    id: `vpn-${digits}.completed`,
    target,
    traceparent,
    ticket,
    replySessionId,
    data: {
      ...data,
      arm: { correlationRequestId: "c", operationId, attempts },
      timing: { receivedAt: at, startedAt: null, leaseGrantedAt: null, submittedAt: null, provisionedAt: null, completedAt: at, polls: 0 },
    } as unknown as CompletionData,
  }));
