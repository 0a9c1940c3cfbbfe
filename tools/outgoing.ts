import { createHash, randomUUID } from "node:crypto";
import { applyEdits, type JSONPath, modify } from "jsonc-parser";
import { type CancelRequest, cancelType } from "../shared/contract/cancel.ts";
import { type ReadMessage, readMessage } from "../shared/contract/message.ts";
import { WrongUse } from "./command-line.ts";
import type { InputFile } from "./files.ts";

/** A request as it is sent. */
export interface Outgoing {
  readonly file: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly messageId: string;
  readonly replyToSessionId: string;
  readonly source: string;
  readonly id: string;
  /** The name for people: that of the connection, or another one if the file has none. */
  readonly connection: string;
  readonly gateway: string;
  /** Whether the same command sends the same request again: same source and id. */
  readonly repeatable: boolean;
}

/** What is changed of a file before it is sent. */
export interface Changes {
  readonly plan?: boolean | undefined;
  readonly newId?: boolean | undefined;
}

/**
 * Makes a message of a file. Its bytes are sent as they are: as a structured CloudEvent if it has
 * `specversion`, and otherwise as a bare body under a new message id. What the app cannot read is
 * sent, too, because the app has an answer to it.
 */
export function outgoingOf({ name, content }: InputFile, queue: string, { plan = false, newId = false }: Changes = {}): Outgoing {
  const messageId = randomUUID();
  const read = readAs(content, messageId, queue);
  const changes = plan || newId;
  if ("unreadable" in read) {
    if (changes) throw new WrongUse(`${name} cannot be changed before it is sent, because it cannot be read. ${read.unreadable}`);
    return {
      ...messageFor(content, messageId, randomUUID()),
      ...{ file: name, source: read.source ?? `/service-bus/${queue}`, id: read.id ?? messageId },
      ...{ connection: name, gateway: "", repeatable: false },
    };
  }
  if (plan && read.type === cancelType) throw new WrongUse(`${name} is a cancellation, which cannot be planned.`);
  const isEvent = read.type !== null;
  const id = isEvent && changes ? randomUUID() : read.id;
  const body = changes ? edited(content, [...(isEvent ? [edit(["id"], id)] : []), ...(plan ? [planned(name, read)] : [])]) : content;
  return {
    ...messageFor(body, messageId, isEvent ? sessionOf(read.source, id) : randomUUID()),
    ...{ file: name, source: read.source, id, ...namesIn(name, read), repeatable: isEvent && !changes },
  };
}

/** Whether the content of a file is a cancellation. */
export function isCancellation(content: Buffer): boolean {
  const read = readAs(content, "", "");
  return "type" in read && read.type === cancelType;
}

/** Refuses two files with one source and id: the app takes them as one request. */
export function refuseTwins(requests: readonly Outgoing[]): void {
  const seen = new Map<string, Outgoing>();
  for (const request of requests) {
    const twin = seen.get(request.replyToSessionId);
    if (twin) {
      const both =
        twin.file === request.file ? `${request.file} is named twice` : `${twin.file} and ${request.file} have the same source and id`;
      throw new WrongUse(`${both}, so they are one request. Change an id, or use --new-id.`);
    }
    seen.set(request.replyToSessionId, request);
  }
}

function readAs(content: Buffer, messageId: string, queue: string): ReturnType<typeof readMessage> {
  const { contentType } = messageFor(content, messageId, "");
  return readMessage({ body: content, messageId, messageIdIsExact: true, contentType, applicationProperties: {}, queue });
}

function messageFor(body: Buffer, messageId: string, replyToSessionId: string) {
  const contentType = isStructured(body) ? "application/cloudevents+json" : "application/json";
  return { body, contentType, messageId, replyToSessionId };
}

function isStructured(body: Buffer): boolean {
  try {
    return Object.hasOwn(JSON.parse(body.toString()) as object, "specversion");
  } catch {
    return body.includes('"specversion"');
  }
}

/**
 * Returns the same session for the same request: without a source prefix of the queue, the answer
 * to a repetition goes where the first one went. Made of source and id alone, because the session's
 * name is seen on the topic, and the rest of a request may hold keys.
 */
function sessionOf(source: string, id: string): string {
  return `send-${createHash("sha256").update(`${source}\n${id}`).digest("hex")}`;
}

interface Edit {
  readonly path: JSONPath;
  readonly value: string;
}
const edit = (path: JSONPath, value: string): Edit => ({ path, value });

/** Only the text around a change is another one: numbers keep their digits. */
function edited(content: Buffer, edits: readonly Edit[]): Buffer {
  const text = edits.reduce((before, { path, value }) => applyEdits(before, modify(before, path, value, {})), content.toString());
  return Buffer.from(text);
}

function planned(name: string, { type, data }: ReadMessage): Edit {
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw new WrongUse(`${name} has no data, so it cannot be planned.`);
  return edit(type === null ? ["mode"] : ["data", "mode"], "plan");
}

function namesIn(file: string, { type, data }: ReadMessage): Pick<Outgoing, "connection" | "gateway"> {
  if (type === cancelType) return { connection: `cancel ${text((data as Partial<CancelRequest> | null)?.requestId)}`, gateway: "" };
  const { connectionName, gatewayName } = ((data as { target?: Record<string, unknown> } | null)?.target ?? {}) as Record<string, unknown>;
  return { connection: text(connectionName) || file, gateway: text(gatewayName) };
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
