import { problem } from "../../shared/contract/problem.ts";
import type { ConnectionInput, PollOperationInput } from "../../shared/durable/activities.ts";
import { dataOf, type ProvisioningRequest } from "../../shared/durable/request.ts";
import type { Attempt, Settled } from "../../shared/durable/settled.ts";
import { gatewayId, type Target } from "../../shared/resource-id.ts";

/** How Azure takes one request's change. */
export interface Plan {
  /** How long its operation runs. */
  readonly operationSeconds: number;
  /** The answer to its PUT gets lost, and the PUT is carried out. */
  readonly lostAnswer?: boolean;
}

/** One change as Azure carried it out; times in milliseconds since the Unix epoch. */
export interface Operation {
  readonly instanceId: string;
  readonly gateway: string;
  readonly connection: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Plays the activities that talk to Resource Manager, against a world that keeps what it was told;
 * it accepts every PUT, so that nothing but our own order keeps operations apart.
 */
export function playedAzure(now: () => number, planOf: (instanceId: string) => Plan) {
  const operations: Operation[] = [];
  const attempt = (action: Attempt["action"], status: number | null): Attempt => ({
    action,
    clientRequestId: "id",
    status,
    code: null,
    retryAfterSeconds: null,
  });
  const keyOf = (target: Target) => ({ gateway: gatewayId(target), connection: `${gatewayId(target)}/${target.connectionName}` });
  const runningOn = (connection: string) => operations.findLast((operation) => operation.connection === connection && operation.to > now());

  function put({ instanceId, target }: ConnectionInput): Settled<unknown> {
    const { gateway, connection } = keyOf(target);
    const found = runningOn(connection);
    const read = attempt("get", operations.some((operation) => operation.connection === connection) ? 200 : 404);
    const submitted = { change: "Updated", diff: [], given: { keys: [], source: [] }, sealed: {}, armState: "Updating", warnings: [] };
    const running = { status: "running", ...submitted, operationUrl: null, operationId: null, retryAfterSeconds: 10 };
    if (found?.instanceId === instanceId) return { ok: running, attempts: [read] };
    if (found) return { later: { class: "busy", afterSeconds: 10, problem: problem("GatewayBusy", "busy") }, attempts: [read] };
    const { operationSeconds, lostAnswer } = planOf(instanceId);
    operations.push({ instanceId, gateway, connection, from: now(), to: now() + operationSeconds * 1000 });
    if (lostAnswer)
      return {
        later: { class: "transient", afterSeconds: 2, problem: problem("ServiceUnavailable", "lost") },
        attempts: [read, attempt("put", null)],
      };
    const ok = { ...running, operationUrl: `https://arm.example/${operations.length - 1}`, operationId: "1" };
    return { ok, attempts: [read, attempt("put", 201)] };
  }

  function poll({ target, operationUrl }: PollOperationInput): Settled<unknown> {
    const running =
      operationUrl === null ? runningOn(keyOf(target).connection) : operations[Number(new URL(operationUrl).pathname.slice(1))];
    const done = !running || running.to <= now();
    if (!done) return { ok: { done, armState: "Updating", retryAfterSeconds: 10 } };
    const verification = { ok: { properties: { provisioningState: "Succeeded" } } };
    return { ok: { done, armState: "Succeeded", retryAfterSeconds: null, verification }, attempts: [attempt("verify", 200)] };
  }

  const activities: Readonly<Record<string, (input: never) => Settled<unknown>>> = {
    validateRequest: (request: ProvisioningRequest) => {
      const { target, ...limits } = dataOf(request) as { target: Target };
      return { ok: { connection: { instanceId: request.instanceId, target, sealed: {} }, desired: {}, warnings: [], ...limits } };
    },
    validateCancel: (request: ProvisioningRequest) => ({ ok: dataOf(request) }),
    putConnection: put,
    planConnection: () => ({ ok: { change: "Updated", diff: [], resource: {}, armState: "Succeeded" } }),
    pollOperation: poll,
    readConnectionState: ({ target }: ConnectionInput) => ({
      ok: { settled: !runningOn(keyOf(target).connection), retryAfterSeconds: null },
    }),
  };
  return { operations, activities };
}

/**
 * The first two operations on one gateway of which one began before the other had ended; nothing
 * where there are none.
 */
export function overlapIn(operations: readonly Operation[]): readonly Operation[] | undefined {
  for (const one of operations) {
    const other = operations.find(({ gateway, from }) => gateway === one.gateway && from > one.from && from < one.to);
    if (other) return [one, other];
  }
  return undefined;
}
