import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { JsonError, parseJson } from "../json/parse.ts";
import { binaryEnvelopeOf, type Envelope, findEnvelopeFault, identityIn, structuredEnvelopeOf } from "./envelope.ts";
import { jsonPointer } from "./finding.ts";
import { identifierPattern } from "./request.ts";
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
    return readStructured(value as Envelope, text);
  const binary = binaryEnvelopeOf(message.applicationProperties);
  if (binary) return readEvent(binary, { value, text, path: [] });
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

/** The data of an event, and where it is in a JSON text. */
interface EventData {
  readonly value: unknown;
  readonly text: string;
  readonly path: readonly string[];
}

function readStructured({ data, data_base64: encoded, ...attributes }: Envelope, text: string): ReadMessage | Unreadable {
  const envelope = structuredEnvelopeOf(attributes);
  if (encoded === undefined || encoded === null) return readEvent(envelope, { value: data, text, path: ["data"] });
  const decoded = (data ?? null) === null ? decodeData(encoded) : "An event has data or data_base64, not both.";
  if (typeof decoded === "string") return { unreadable: decoded, target: "/data_base64", ...identityIn(envelope) };
  return readEvent(envelope, decoded);
}

/** Reads `data_base64`, whose bytes must be JSON. Returns a text if they are not. */
function decodeData(encoded: unknown): EventData | string {
  if (typeof encoded !== "string" || !base64Pattern.test(encoded)) return "data_base64 must be a string of base64.";
  try {
    return { ...parseJson(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))), path: [] };
  } catch (error) {
    if (error instanceof JsonError) return `data_base64, decoded: ${error.message}`;
    throw error;
  }
}

/** https://www.rfc-editor.org/rfc/rfc4648#section-4 */
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readEvent(envelope: Envelope, { value, text, path }: EventData): ReadMessage | Unreadable {
  const fault = findEnvelopeFault(envelope);
  if (fault) return { unreadable: fault.text, target: jsonPointer([fault.attribute]), ...identityIn(envelope) };
  return {
    id: String(envelope["id"]),
    source: String(envelope["source"]),
    type: String(envelope["type"]),
    traceparent: typeof envelope["traceparent"] === "string" ? readTraceparent(envelope["traceparent"]) : null,
    data: withoutTicket(value),
    ticket: ticketText(text, value, [...path, "ticket"]),
  };
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
