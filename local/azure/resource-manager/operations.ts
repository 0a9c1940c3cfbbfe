import { randomBytes, randomUUID } from "node:crypto";
import type { StateStore } from "../state-store.ts";
import { location } from "./world.ts";

/** How an operation ends. */
export interface OperationEnd {
  readonly status: "Succeeded" | "Failed" | "Canceled";
  readonly error?: unknown;
}

/**
 * A long-running operation. Its end is decided when it begins. It ends when the clock reaches
 * `endsAt`, polled or not. Times are in milliseconds since the Unix epoch.
 */
export interface Operation {
  readonly id: string;
  /** Path and signed query: 3 KB, as in Azure since 2024. */
  readonly path: string;
  readonly connectionId: string;
  readonly gatewayId: string;
  readonly endsAt: number;
  /** When the connection shows the end. The service may be late with it. */
  readonly settlesAt: number;
  readonly end: OperationEnd;
}

/** Creates the operations of the simulator, by id. */
export function createOperations(store: StateStore) {
  const operations = store.map<Operation>("operation");
  const latest = new Map([...operations.values()].map((operation) => [operation.gatewayId.toLowerCase(), operation]));
  return {
    begin(subscriptionId: string, apiVersion: string, about: Omit<Operation, "id" | "path">): Operation {
      const id = randomUUID();
      const randomText = (bytes: number) => randomBytes(bytes).toString("base64url");
      const signed = `t=${Date.now()}&c=${randomText(1900)}&s=${randomText(256)}&h=${randomText(32)}`;
      const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Network/locations/${location}/operations/${id}?api-version=${apiVersion}&${signed}`;
      const operation = { ...about, id, path };
      operations.set(id, operation);
      latest.set(about.gatewayId.toLowerCase(), operation);
      return operation;
    },
    get: (id: string): Operation | undefined => operations.get(id),
    /** Returns the operation that runs on a gateway now, or nothing. */
    runningOn(gatewayId: string, now: number): Operation | undefined {
      const operation = latest.get(gatewayId.toLowerCase());
      return operation && operation.endsAt > now ? operation : undefined;
    },
  };
}

/** Returns the body of a poll. Recorded bodies have only these fields. */
export function createStatusBody({ endsAt, end }: Operation, now: number): object {
  if (endsAt > now) return { status: "InProgress" };
  return end.error === undefined ? { status: end.status } : { status: end.status, error: end.error };
}
