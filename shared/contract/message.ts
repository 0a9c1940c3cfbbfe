import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { JsonError, parseJson } from "../json/parse.ts";
import { jsonPointer } from "./finding.ts";
import { quoteValue } from "./quote.ts";
import { identifierPattern, MAX_ATTRIBUTE_LENGTH } from "./request.ts";
import { unwrapStringBody } from "./string-body.ts";
import { readTraceparent } from "./traceparent.ts";

/** A request message. The body is bytes, because decoding it to text could already change it. */
export interface RequestMessage {
  readonly body: Uint8Array;
  readonly messageId: string;
  /**
   * Whether that is exactly the id that was sent. The Functions worker parses an id that looks like
   * JSON, so `1000` and `1e3` arrive as one number.
   */
  readonly messageIdIsExact: boolean;
  readonly contentType: string | undefined;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  readonly queue: string;
}

/** The parts of a message. */
export interface ReadMessage {
  readonly id: string;
  readonly source: string;
  readonly type: string | null;
  readonly traceparent: string | null;
  readonly data: unknown;
  readonly ticket: string | null;
}

/** Why a message cannot be read, and its id and source if they could be read. */
export interface Unreadable {
  /** What is wrong. */
  readonly unreadable: string;
  /** JSON pointer from the root of the document. */
  readonly target: string;
  readonly id?: string;
  readonly source?: string;
}

const attributes = ["specversion", "type", "id", "source", "subject", "time", "datacontenttype", "dataschema", "traceparent", "tracestate"];

/**
 * Reads a message in any of the three modes: CloudEvents structured
 * (`application/cloudevents+json`, or a body with `specversion`), CloudEvents binary (attributes in
 * the application properties), or a bare `data`. Source:
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md
 */
export function readMessage(message: RequestMessage): ReadMessage | Unreadable {
  let parsed: ReturnType<typeof parseJson>;
  try {
    parsed = parseJson(unwrapStringBody(message.body));
  } catch (error) {
    if (error instanceof JsonError) return { unreadable: error.message, target: "", ...identityIn(error.value) };
    throw error;
  }
  const { value, text } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { unreadable: "The body must be a JSON object.", target: "" };
  if (/^application\/cloudevents\+json/i.test(message.contentType ?? "") || Object.hasOwn(value, "specversion"))
    return readStructured(value, text);
  const binary = binaryAttributes(message.applicationProperties);
  if (binary) return withEnvelope(binary, value, ticketText(text, value, ["ticket"]));
  if (!message.messageIdIsExact) return { unreadable: badMessageId, target: "" };
  if (!identifierPattern.test(message.messageId))
    return { unreadable: "A message without CloudEvents attributes needs a messageId of 1 to 128 printable characters.", target: "" };
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
      target: jsonPointer([unknown[0]?.slice(0, 64) ?? ""]),
      ...identityIn(rest),
    };
  }
  return withEnvelope(rest, data, ticketText(text, data, ["data", "ticket"]));
}

function withEnvelope(envelope: Record<string, unknown>, data: unknown, ticket: string | null): ReadMessage | Unreadable {
  const who = identityIn(envelope);
  if (envelope["specversion"] !== "1.0")
    return { unreadable: `specversion must be "1.0". Found ${quoteValue(envelope["specversion"])}.`, target: "/specversion", ...who };
  for (const name of ["id", "source"]) {
    const value = envelope[name];
    if (typeof value === "number")
      return {
        unreadable: `${name} must be a string that is not a number, for example ${name === "id" ? "a UUID" : "/ticketing"}. Found ${value}.`,
        target: `/${name}`,
        ...who,
      };
    if (typeof value !== "string" || !identifierPattern.test(value)) {
      return { unreadable: describeMistype(name, value, "a string of 1 to 128 printable characters"), target: `/${name}` };
    }
  }
  for (const name of attributes) {
    const missing = envelope[name] === undefined && name !== "type";
    if (!missing && typeof envelope[name] !== "string")
      return { unreadable: describeMistype(name, envelope[name]), target: `/${name}`, ...who };
    if (!missing && name !== "traceparent" && String(envelope[name]).length > MAX_ATTRIBUTE_LENGTH)
      return {
        unreadable: `${name} has ${String(envelope[name]).length} characters. At most ${MAX_ATTRIBUTE_LENGTH} are allowed.`,
        target: `/${name}`,
        ...who,
      };
  }
  return {
    id: String(envelope["id"]),
    source: String(envelope["source"]),
    type: String(envelope["type"]),
    traceparent: typeof envelope["traceparent"] === "string" ? readTraceparent(envelope["traceparent"]) : null,
    data: withoutTicket(data),
    ticket,
  };
}

function describeMistype(name: string, found: unknown, wanted = "a string"): string {
  return found === undefined ? `${name} is required.` : `${name} must be ${wanted}. Found ${quoteValue(found)}.`;
}

/**
 * Returns the id and source of an envelope that is refused for another reason: its sender looks for
 * the completion under them.
 */
function identityIn(envelope: unknown): { id?: string; source?: string } {
  const { id, source } = typeof envelope === "object" && envelope !== null ? (envelope as Record<string, unknown>) : {};
  const valid = (value: unknown) => typeof value === "string" && identifierPattern.test(value);
  return valid(id) && valid(source) ? { id: String(id), source: String(source) } : {};
}

/**
 * Returns the attributes of a binary-mode event, or nothing. The Functions worker turns the first
 * letter of every property to lower case and parses values that look like JSON.
 */
function binaryAttributes(properties: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const found = Object.entries(properties).flatMap(([name, value]) => {
    const attribute = /^cloudEvents[_:](.+)$/i.exec(name)?.[1];
    return attribute === undefined ? [] : [[attribute, value] as const];
  });
  if (found.length === 0) return undefined;
  const envelope = Object.fromEntries(found);
  return { ...envelope, specversion: [1, "1"].includes(envelope["specversion"] as number) ? "1.0" : envelope["specversion"] };
}

const badMessageId = "messageId must be a string that is not a number or other JSON, for example a UUID.";

/** Returns the ticket's own text: parsing would round its large numbers. */
function ticketText(text: string, data: unknown, path: readonly string[]): string | null {
  // Without a ticket the tree of the whole text is not needed.
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
