import { join } from "node:path";
import { isServiceBusError, ServiceBusClient } from "@azure/service-bus";
import { runningStack } from "../local/stack/running.ts";
import { WrongUse } from "./command-line.ts";
import type { Outgoing } from "./outgoing.ts";

/** Where `npm run dev` keeps its data if it is not told otherwise. */
export const defaultDataDirectory = join(import.meta.dirname, "..", ".local");

/** The namespace that a command talks to, and the names that a requester has to know. */
export interface Namespace {
  readonly connectionString: string;
  readonly requestQueue: string;
  readonly completionTopic: string;
  /** The functions host of a local stack, for the state of a request. Null elsewhere. */
  readonly functionsHost: string | null;
}

/** Finds the namespace: that of the setting ServiceBus, or else that of the running local stack. */
export function findNamespace(dataDirectory: string, queue?: string): Namespace {
  const chosen = process.env["ServiceBus"];
  const stack = findStack(dataDirectory);
  if (!chosen && stack instanceof Error) throw new WrongUse(stack.message);
  const local = !(stack instanceof Error) && (!chosen || chosen === stack.serviceBus) ? stack : undefined;
  return {
    connectionString: chosen || String(local?.serviceBus),
    requestQueue: queue ?? process.env["REQUEST_QUEUE"] ?? "vpn-connection-requests",
    completionTopic: process.env["COMPLETION_TOPIC"] ?? "vpn-connection-events",
    functionsHost: local?.functionsHost ?? null,
  };
}

function findStack(dataDirectory: string): ReturnType<typeof runningStack> | Error {
  try {
    return runningStack(dataDirectory);
  } catch (error) {
    return error as Error;
  }
}

/** Opens a client with one connection. It tries each operation once: the caller tries again. */
export function openClient({ connectionString }: Pick<Namespace, "connectionString">): ServiceBusClient {
  try {
    return new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 30_000 } });
  } catch {
    throw new WrongUse(
      "The setting ServiceBus is not the connection string of a namespace: Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…",
    );
  }
}

/** Returns a sentence for an error that another try cannot mend, and undefined for others. */
export function finalFault(error: unknown, { file }: Pick<Outgoing, "file">, namespace: Namespace): string | undefined {
  if (!isServiceBusError(error)) return undefined;
  const { requestQueue, completionTopic, connectionString } = namespace;
  const host = hostOf(connectionString);
  switch (error.code) {
    case "MessagingEntityNotFound":
      return error.message.includes(requestQueue)
        ? `${host} has no queue ${requestQueue}.`
        : `${host} has no topic ${completionTopic} with a subscription replies.`;
    case "MessagingEntityDisabled":
      return `${host} does not take messages now: the queue ${requestQueue} or the topic ${completionTopic} is disabled.`;
    case "UnauthorizedAccess":
      return `${host} does not let this connection string send to ${requestQueue} and read the subscription replies of ${completionTopic}.`;
    case "MessageSizeExceeded":
      return `${file} is too large for a message.`;
    case "QuotaExceeded":
      return `The queue ${requestQueue} is full. Send again later.`;
    default:
      return undefined;
  }
}

/** Returns in words why a namespace cannot be reached. */
export function reasonOf(error: unknown, { connectionString, functionsHost }: Namespace): string {
  const host = hostOf(connectionString);
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("ECONNREFUSED"))
    return `nothing answers at ${host}${functionsHost === null ? "" : ". `npm run dev` starts a local stack"}`;
  if (message.includes("ENOTFOUND") || message.includes("EAI_AGAIN")) return `the host ${host} is not known`;
  return `${host}: ${message.replace(/ Reference:.*$/, "")}`;
}

function hostOf(connectionString: string): string {
  return /Endpoint=sb:\/\/([^;/]+)/i.exec(connectionString)?.[1] ?? "the namespace";
}
