import { createHash } from "node:crypto";
import type { ServiceBusMessage } from "@azure/service-bus";
import { sampleEvent } from "../support/sample.ts";
import type { Sent } from "./trace.ts";

/** A message that can be sent, and what the trace keeps of it. */
export interface Letter {
  readonly message: ServiceBusMessage & { readonly messageId: string; readonly body: Buffer };
  readonly about: Omit<Sent, "at" | "messageId" | "bodySha256">;
}

/** Who asks under which id; `payload` names what is asked for, and comes back in the ticket. */
export interface Asked {
  readonly source: string;
  readonly id: string;
  readonly payload: string;
}

/** What a request asks for. */
export interface Wish {
  readonly gateway: string;
  readonly connection: string;
  /** Makes one connection differ from another. */
  readonly bandwidth: number;
  readonly key: string | null;
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
  readonly mode?: "plan";
  /** Names a field that the contract does not know. */
  readonly unknownField?: true;
}

/** How a letter goes out. */
export interface Envelope {
  readonly messageId: string;
  /** With the event's attributes in the message's properties. */
  readonly binary?: boolean;
}

/** A request. */
export function requestLetter(asked: Asked, wish: Wish, envelope: Envelope, mustSucceed = false): Letter {
  const { gateway, connection, bandwidth, key, unknownField, ...more } = wish;
  const event = sampleEvent((event) => {
    const { data } = event;
    const [link] = data.connection.properties.vpnLinkConnections;
    Object.assign(event, { source: asked.source, id: asked.id });
    Object.assign(data.target, { gatewayName: gateway, connectionName: connection });
    Object.assign(data, {
      deadlineMinutes: undefined,
      ...more,
      ticket: { payload: asked.payload },
      ...(unknownField ? { priority: 1 } : {}),
    });
    Object.assign(link?.properties ?? {}, { connectionBandwidth: bandwidth, sharedKey: key ?? undefined });
  });
  return { message: messageOf(event, envelope), about: { ...asked, asks: "change", carriesKey: key !== null, mustSucceed } };
}

/** The cancellation of a request. */
export function cancelLetter(asked: Asked, cancels: Omit<Asked, "payload">, envelope: Envelope): Letter {
  const data = { requestSource: cancels.source, requestId: cancels.id, ticket: { payload: asked.payload } };
  const type = "vpn-connection.provision.cancel.requested.v1";
  const event = { specversion: "1.0", type, source: asked.source, id: asked.id, datacontenttype: "application/json", data };
  return { message: messageOf(event, envelope), about: { ...asked, asks: "cancel", carriesKey: false, cancels } };
}

/** A message that nobody can read: it is answered under its message id. */
export function nonsenseLetter(messageId: string): Letter {
  const body = Buffer.from(`{"specversion": "1.0", "id": ${messageId}`);
  const asked = { source: "/service-bus/vpn-connection-requests", id: messageId, payload: "" };
  return { message: { messageId, body }, about: { ...asked, asks: "nonsense", carriesKey: false } };
}

function messageOf(event: Readonly<Record<string, unknown>>, { messageId, binary = false }: Envelope): Letter["message"] {
  if (!binary) return { messageId, contentType: "application/cloudevents+json", body: Buffer.from(JSON.stringify(event)) };
  const { data, datacontenttype, ...attributes } = event;
  const applicationProperties = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`cloudEvents:${name}`, String(value)]),
  );
  return { messageId, contentType: String(datacontenttype), body: Buffer.from(JSON.stringify(data)), applicationProperties };
}

/** A sent letter as the trace keeps it. */
export function sentOf({ message, about }: Letter, at: number): Sent {
  return { at, messageId: message.messageId, bodySha256: createHash("sha256").update(message.body).digest("hex"), ...about };
}

/** A letter as an operator reads of it. */
export function told({ message, about: { asks, id, payload } }: Letter): string {
  return asks === "nonsense" ? `nonsense as message ${message.messageId}` : `${asks} ${id} (${payload}) as message ${message.messageId}`;
}
