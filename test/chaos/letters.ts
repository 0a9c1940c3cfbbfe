import { createHash } from "node:crypto";
import type { ServiceBusMessage } from "@azure/service-bus";
import { sampleEvent } from "../support/sample.ts";
import type { Ending, Sent, Wished } from "./trace.ts";

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
  /** Makes one connection differ from another; less than 1 is refused. */
  readonly bandwidth: number;
  readonly key: string | null;
  /** The name of its site, where it is not that of the sample. */
  readonly site?: string;
  /** The name of the Key Vault secret that has the key, where it does not stand in the request. */
  readonly keyIn?: string;
  readonly deadlineMinutes?: number;
  readonly queueDeadlineMinutes?: number;
  readonly mode?: "plan";
  /** Azure does not have its gateway. */
  readonly misdirected?: true;
  /** Names a field that the contract does not know. */
  readonly unknownField?: true;
}

/** Stands for the address of the vault, which nobody knows before there is a stack. */
export const vaultAddress = "https://key-vault.invalid";

/** The source of a message that names none. */
export const queueSource = "/service-bus/vpn-connection-requests";

const network = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";

/** How a letter goes out. */
export interface Envelope {
  readonly messageId: string;
  /** With the event's attributes in the message's properties. */
  readonly binary?: boolean;
  /** The data alone: the message id is the request's. */
  readonly bare?: boolean;
  /** The session that the answer is wanted on. */
  readonly replyTo?: string;
  readonly mustEnd?: Ending;
  readonly mustWait?: Sent["mustWait"];
}

/** A request. */
export function requestLetter(asked: Asked, wish: Wish, envelope: Envelope): Letter {
  const { gateway, connection, bandwidth, key, site = "vpnSite1", keyIn, unknownField, misdirected, ...more } = wish;
  const { deadlineMinutes = 60, queueDeadlineMinutes = 1440, mode = "apply" } = more;
  const eventWith = (sharedKey: unknown) =>
    sampleEvent((event) => {
      const { data } = event;
      const [link] = data.connection.properties.vpnLinkConnections;
      Object.assign(event, { source: asked.source, id: asked.id });
      Object.assign(data.target, { gatewayName: gateway, connectionName: connection });
      Object.assign(data, { deadlineMinutes: undefined, ...more, ...(unknownField ? { priority: 1 } : {}) });
      const siteId = `${network}/vpnSites/${site}`;
      Object.assign(data.connection.properties, { remoteVpnSite: { id: siteId } });
      const vpnSiteLink = { id: `${siteId}/vpnSiteLinks/siteLink1` };
      Object.assign(link?.properties ?? {}, { connectionBandwidth: bandwidth, sharedKey, vpnSiteLink });
    });
  const keyUri = { keyVaultSecretUri: `${vaultAddress}/secrets/${keyIn}` };
  const inline = key ?? undefined;
  const id = `${network}/vpnGateways/${gateway}/vpnConnections/${connection}`;
  const limits: Omit<Wished, "id" | "connection"> = {
    mode,
    deadlineMinutes,
    queueDeadlineMinutes,
    warns: ["SubscriptionIdNotGuid", "CustomAssociatedRouteTable"],
    ...(unknownField || misdirected || bandwidth < 1 ? { invalid: true } : {}),
  };
  const wished: Wished = { id, connection: JSON.parse(JSON.stringify(eventWith(inline).data.connection)), ...limits };
  return letterOf(
    eventWith(keyIn === undefined ? inline : keyUri),
    { ...asked, asks: "change", carriesKey: key !== null, wish: wished },
    envelope,
  );
}

/** The cancellation of a request. */
export function cancelLetter(asked: Asked, cancels: Omit<Asked, "payload">, envelope: Envelope): Letter {
  const data = { requestSource: cancels.source, requestId: cancels.id };
  const type = "vpn-connection.provision.cancel.requested.v1";
  const event = { specversion: "1.0", type, source: asked.source, id: asked.id, datacontenttype: "application/json", data };
  return letterOf(event, { ...asked, asks: "cancel", carriesKey: false, cancels }, envelope);
}

/** The trace context of who asks: the same in every message about the same. */
function traceparentOf({ source, id, payload }: Asked): string {
  const hash = createHash("sha256").update([source, id, payload].join("\n")).digest("hex");
  return `00-${hash.slice(0, 32)}-${hash.slice(32, 48)}-01`;
}

/**
 * The same message once more, when its request has its answer; the answer is wanted on another
 * session, or on none.
 */
export function again({ message, about }: Letter, replyTo?: string): Letter {
  const { replyToSessionId: _, ...rest } = message;
  const { replyTo: __, mustEnd: ___, mustWait: ____, ...asked } = about;
  if (replyTo === undefined) return { message: rest, about: { ...asked, late: true } };
  return { message: { ...rest, replyToSessionId: replyTo }, about: { ...asked, replyTo, late: true } };
}

/** A message that nobody can read: it is answered under its message id. */
export function nonsenseLetter(messageId: string): Letter {
  const body = Buffer.from(`{"specversion": "1.0", "id": ${messageId}`);
  const asked = { source: queueSource, id: messageId, payload: "" };
  return { message: { messageId, body }, about: { ...asked, asks: "nonsense", carriesKey: false } };
}

/** A number that only who copies it can give back, and letters that are no ASCII. */
const ticketOf = (payload: string) => `{"payload":${JSON.stringify(payload)},"number":9007199254740993,"exactly":1.10,"who":"Zoë 🙂"}`;

function letterOf(
  { data, ...event }: Readonly<Record<string, unknown>>,
  about: Omit<Letter["about"], "ticket">,
  { messageId, binary = false, bare = false, replyTo, mustEnd, mustWait }: Envelope,
): Letter {
  const traceparent = traceparentOf(about);
  const attributes: Readonly<Record<string, unknown>> = { ...event, traceparent };
  const ticket = ticketOf(about.payload);
  // Written by hand, because JSON.stringify would round the number.
  const body = `${JSON.stringify({ ...(data as object), ticket: undefined }).slice(0, -1)},"ticket":${ticket}}`;
  const session = replyTo === undefined ? {} : { replyToSessionId: replyTo };
  const told = {
    ...{ ...about, ticket },
    ...(bare ? {} : { traceparent }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mustEnd ? { mustEnd } : {}),
    ...(mustWait ? { mustWait } : {}),
  };
  if (bare) return { message: { messageId, body: Buffer.from(body), ...session }, about: told };
  if (!binary) {
    const whole = Buffer.from(`${JSON.stringify(attributes).slice(0, -1)},"data":${body}}`);
    return { message: { messageId, contentType: "application/cloudevents+json", body: whole, ...session }, about: told };
  }
  const { datacontenttype, ...others } = attributes;
  const applicationProperties = Object.fromEntries(Object.entries(others).map(([name, value]) => [`cloudEvents:${name}`, String(value)]));
  return {
    message: { messageId, contentType: String(datacontenttype), body: Buffer.from(body), applicationProperties, ...session },
    about: told,
  };
}

/** A letter that names the vault by its address. */
export function addressed({ message, about }: Letter, address: string): Letter {
  return { message: { ...message, body: Buffer.from(message.body.toString().replaceAll(vaultAddress, address)) }, about };
}

/** A sent letter as the trace keeps it. */
export function sentOf({ message, about }: Letter, at: number): Sent {
  return { at, messageId: message.messageId, bodySha256: createHash("sha256").update(message.body).digest("hex"), ...about };
}

/** A letter as an operator reads of it. */
export function told({ message, about: { asks, id, payload } }: Letter): string {
  return asks === "nonsense" ? `nonsense as message ${message.messageId}` : `${asks} ${id} (${payload}) as message ${message.messageId}`;
}
