import * as z from "zod";

/**
 * The request queues by name, each with the source prefix that it may use; an empty prefix means
 * any source.
 */
export type RequestQueues = ReadonlyMap<string, string>;

const queueName = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?$/;
const queueNames = "Expected queue names of 1 to 100 letters, digits, `.`, `-`, `_` or `/`";
const sourcePrefix = /^(?:|[^\p{C}\p{Zl}\p{Zp}]{0,127}[^\p{C}\p{Zl}\p{Zp}/])$/u;

/** A source prefix as settings write it: whole path segments, so no slash at the end. */
export const sourcePrefixSchema = z.string().regex(sourcePrefix, {
  error: "Expected source prefixes of up to 128 characters without a slash at the end, such as /ticketing",
});

/** The setting REQUEST_QUEUES after it was parsed as JSON. */
export const requestQueuesSchema = z
  .record(z.string().regex(queueName), sourcePrefixSchema, { error: ({ code }) => (code === "invalid_key" ? queueNames : undefined) })
  .refine((queues) => Object.keys(queues).length > 0, { error: "Expected at least one queue" })
  .refine((queues) => new Set(Object.keys(queues).map(nameInFunctions)).size === Object.keys(queues).length, {
    error: "Expected queues whose names differ in letters and digits: the app's functions are named by them, without case",
  })
  .transform((queues): RequestQueues => new Map(Object.entries(queues)));

/** Returns the name of the function that takes the messages of a queue. A single queue needs no mark. */
export function functionNameOf(queue: string, queues: RequestQueues): string {
  return queues.size === 1 ? "receiveRequest" : `receiveRequest_${queue.replaceAll(/[^A-Za-z0-9]/g, "_")}`;
}

function nameInFunctions(queue: string): string {
  return queue.replaceAll(/[^A-Za-z0-9]/g, "_").toLowerCase();
}
