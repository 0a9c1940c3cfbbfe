import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { JsonError, parseJson } from "../json/parse.ts";
import { identifierPattern, MAX_ATTRIBUTE_LENGTH } from "./request.ts";
import { unwrapStringBody } from "./string-body.ts";

/** A request message as the trigger hands it over: the body as bytes, because text would already have changed it. */
export interface RequestMessage {
  readonly body: Uint8Array;
  readonly messageId: string;
  /**
   * Whether that is the id as it was sent: the Functions worker parses what looks like JSON, so
   * `1000` and `1e3` arrive as one number.
   */
  readonly messageIdIsExact: boolean;
  readonly contentType: string | undefined;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  readonly queue: string;
}

/** A message taken apart: who asks under which id, and for what. */
export interface ReadMessage {
  readonly id: string;
  readonly source: string;
  readonly type: string | null;
  readonly traceparent: string | null;
  readonly data: unknown;
  readonly ticket: string | null;
}

/** Why a message cannot be read, in one sentence, and where; who asked, where the message says so all the same. */
export interface Unreadable {
  readonly unreadable: string;
  readonly target: string;
  readonly id?: string;
  readonly source?: string;
}

const attributes = ["specversion", "type", "id", "source", "subject", "time", "datacontenttype", "dataschema", "traceparent", "tracestate"];

/**
 * Reads a message in any of the three forms: CloudEvents structured (`application/cloudevents+json`, or a body with `specversion`), CloudEvents binary
 * (attributes in the application properties), or a bare `data`. Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md
 */
export function readMessage(message: RequestMessage): ReadMessage | Unreadable {
  let parsed: ReturnType<typeof parseJson>;
  try {
    parsed = parseJson(unwrapStringBody(message.body));
  } catch (error) {
    if (error instanceof JsonError) return { unreadable: error.message, target: "", ...named(error.value) };
    throw error;
  }
  const { value, text } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { unreadable: "The body is not a JSON object.", target: "" };
  if (/^application\/cloudevents\+json/i.test(message.contentType ?? "") || Object.hasOwn(value, "specversion"))
    return readStructured(value, text);
  const binary = binaryAttributes(message.applicationProperties);
  if (binary) return withEnvelope(binary, value, ticketText(text, value, ["ticket"]));
  if (!message.messageIdIsExact) return { unreadable: lostId, target: "/@id" };
  if (!identifierPattern.test(message.messageId))
    return { unreadable: "A body without attributes needs a message id of 1 to 128 printable characters.", target: "/@id" };
  return {
    id: message.messageId,
    source: `/service-bus/${message.queue}`,
    type: null,
    traceparent: null,
    data: withoutTicket(value),
    ticket: ticketText(text, value, ["ticket"]),
  };
}

function readStructured(envelope: object, text: string): ReadMessage | Unreadable {
  const { data, ...rest } = envelope as Record<string, unknown>;
  const unknown = Object.keys(rest).filter((name) => !attributes.includes(name));
  if (unknown.length > 0) {
    return {
      unreadable: `The event has unknown attributes: ${unknown
        .slice(0, 5)
        .map((name) => JSON.stringify(name.slice(0, 64)))
        .join(", ")}.`,
      target: `/@${unknown[0]?.slice(0, 64)}`,
      ...named(rest),
    };
  }
  return withEnvelope(rest, data, ticketText(text, data, ["data", "ticket"]));
}

function withEnvelope(envelope: Record<string, unknown>, data: unknown, ticket: string | null): ReadMessage | Unreadable {
  const who = named(envelope);
  if (envelope["specversion"] !== "1.0")
    return { unreadable: 'The attribute "specversion" must be "1.0".', target: "/@specversion", ...who };
  for (const name of ["id", "source"]) {
    const value = envelope[name];
    if (typeof value === "number")
      return {
        unreadable: `The attribute "${name}" is a number. It must be text: 1000 and 1e3 would be one.`,
        target: `/@${name}`,
        ...who,
      };
    if (typeof value !== "string" || !identifierPattern.test(value)) {
      return { unreadable: `The attribute "${name}" must be text of 1 to 128 printable characters.`, target: `/@${name}` };
    }
  }
  for (const name of attributes) {
    const missing = envelope[name] === undefined && name !== "type";
    if (!missing && typeof envelope[name] !== "string")
      return { unreadable: `The attribute "${name}" must be text.`, target: `/@${name}`, ...who };
    if (!missing && name !== "traceparent" && String(envelope[name]).length > MAX_ATTRIBUTE_LENGTH)
      return { unreadable: `The attribute "${name}" has more than ${MAX_ATTRIBUTE_LENGTH} characters.`, target: `/@${name}`, ...who };
  }
  return {
    id: String(envelope["id"]),
    source: String(envelope["source"]),
    type: String(envelope["type"]),
    traceparent: traceContextIn(envelope["traceparent"]),
    data: withoutTicket(data),
    ticket,
  };
}

/** Returns a trace context (https://www.w3.org/TR/trace-context/#traceparent-header), or null for anything else: a trace is no reason to refuse a request. */
function traceContextIn(value: unknown): string | null {
  const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
  return typeof value === "string" && form.test(value) ? value : null;
}

/** The identity in an envelope that is refused for something else: its sender looks for the answer under it. */
function named(envelope: unknown): { id?: string; source?: string } {
  const { id, source } = typeof envelope === "object" && envelope !== null ? (envelope as Record<string, unknown>) : {};
  const valid = (value: unknown) => typeof value === "string" && identifierPattern.test(value);
  return valid(id) && valid(source) ? { id: String(id), source: String(source) } : {};
}

/** The attributes of a binary-mode event, or nothing. The Functions worker lower-cases the first letter of every property and parses values that look like JSON. */
function binaryAttributes(properties: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const found = Object.entries(properties).flatMap(([name, value]) => {
    const attribute = /^cloudEvents[_:](.+)$/i.exec(name)?.[1];
    return attribute === undefined ? [] : [[attribute, value] as const];
  });
  if (found.length === 0) return undefined;
  const envelope = Object.fromEntries(found);
  return { ...envelope, specversion: [1, "1"].includes(envelope["specversion"] as number) ? "1.0" : envelope["specversion"] };
}

const lostId =
  "The message id is missing, a number or other JSON. The exact text of such an id is lost on the way: 1000 and 1e3 would be one. Send a message id with a letter, such as a UUID.";

/** The ticket is cut out of the text as it stands: parsing would round its large numbers. */
function ticketText(text: string, data: unknown, path: readonly string[]): string | null {
  // Finding the place takes a tree of the whole text.
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, "ticket")) return null;
  const tree = parseTree(text);
  const node = tree && findNodeAtLocation(tree, [...path]);
  return node ? text.slice(node.offset, node.offset + node.length) : null;
}

function withoutTicket(data: unknown): unknown {
  if (typeof data !== "object" || data === null || Array.isArray(data) || !Object.hasOwn(data, "ticket")) return data;
  const { ticket: _, ...rest } = data as Record<string, unknown>;
  return rest;
}
