import { join } from "node:path";
import { isServiceBusError, ServiceBusClient } from "@azure/service-bus";
import { appCredential } from "../azure/credential.ts";
import { runningStack } from "../local/stack/running.ts";
import { WrongUse } from "./command-line.ts";
import type { Outgoing } from "./outgoing.ts";

/** Where `npm run dev` keeps its data if it is not told otherwise. */
export const defaultDataDirectory = join(import.meta.dirname, "..", ".local");

/** The namespace that a command talks to, and the names that a requester has to know. */
export interface Namespace {
  /** The connection string of the namespace, or its host name if the caller's identity is used. */
  readonly address: string;
  readonly requestQueue: string;
  readonly completionTopic: string;
  /** The functions host of a local stack, for the state of a request. Null elsewhere. */
  readonly functionsHost: string | null;
}

/**
 * Finds the namespace: that of the settings ServiceBus or ServiceBus__fullyQualifiedNamespace, or
 * else that of the running local stack.
 */
export function findNamespace(dataDirectory: string, queue?: string): Namespace {
  const chosen = process.env["ServiceBus"] || process.env["ServiceBus__fullyQualifiedNamespace"];
  const stack = findStack(dataDirectory);
  if (!chosen && stack instanceof Error) throw new WrongUse(stack.message);
  const local = !(stack instanceof Error) && (!chosen || chosen === stack.serviceBus) ? stack : undefined;
  return {
    address: chosen || String(local?.serviceBus),
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
export async function openClient({ address }: Pick<Namespace, "address">): Promise<ServiceBusClient> {
  const options = { retryOptions: { maxRetries: 0, timeoutInMs: 30_000 } };
  if (isHostName(address)) return new ServiceBusClient(address, await appCredential(), options);
  try {
    return new ServiceBusClient(address, options);
  } catch {
    throw new WrongUse(
      "The setting ServiceBus is not the connection string of a namespace: Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…",
    );
  }
}

/** Returns a sentence for an error that another try cannot mend, and undefined for others. */
export function finalFault(error: unknown, { file }: Pick<Outgoing, "file">, namespace: Namespace): string | undefined {
  if (!isServiceBusError(error)) return undefined;
  const { requestQueue, completionTopic, address } = namespace;
  const host = hostOf(address);
  switch (error.code) {
    case "MessagingEntityNotFound":
      return error.message.includes(requestQueue)
        ? `${host} has no queue ${requestQueue}.`
        : `${host} has no topic ${completionTopic} with a subscription replies.`;
    case "MessagingEntityDisabled":
      return `${host} does not take messages now: the queue ${requestQueue} or the topic ${completionTopic} is disabled.`;
    case "UnauthorizedAccess":
      return `${host} does not let ${isHostName(address) ? "you" : "this connection string"} send to ${requestQueue} and read the subscription replies of ${completionTopic}.`;
    case "MessageSizeExceeded":
      return `${file} is too large for a message.`;
    case "QuotaExceeded":
      return `The queue ${requestQueue} is full. Send again later.`;
    default:
      return undefined;
  }
}

/** Returns in words why a namespace cannot be reached. */
export function reasonOf(error: unknown, { address, functionsHost }: Namespace): string {
  const host = hostOf(address);
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("ECONNREFUSED"))
    return `nothing answers at ${host}${functionsHost === null ? "" : ". `npm run dev` starts a local stack"}`;
  if (/CredentialUnavailable|Authentication(Required)?Error/.test(`${(error as Error).name} ${message}`))
    return `${host} cannot know who you are. Sign in first, for example with az login`;
  if (message.includes("ENOTFOUND") || message.includes("EAI_AGAIN")) return `the host ${host} is not known`;
  return `${host}: ${message.replace(/ Reference:.*$/, "")}`;
}

function hostOf(address: string): string {
  if (isHostName(address)) return address;
  return /Endpoint=sb:\/\/([^;/]+)/i.exec(address)?.[1] ?? "the namespace";
}

function isHostName(address: string): boolean {
  return /^[\w-]+(\.[\w-]+)+$/.test(address);
}
