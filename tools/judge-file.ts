import { randomBytes } from "node:crypto";
import { type CancelRequest, cancelDataSchema, cancelType } from "../shared/contract/cancel.ts";
import { cutToSchema } from "../shared/contract/cut.ts";
import { type Finding, MAX_FINDINGS, sortFindings } from "../shared/contract/finding.ts";
import { describeInDocument } from "../shared/contract/in-document.ts";
import { type ReadMessage, readMessage } from "../shared/contract/message.ts";
import { judgeStructure } from "../shared/contract/structure.ts";
import { ticketFindings } from "../shared/contract/ticket.ts";
import { validate } from "../shared/contract/validate.ts";
import { unsupportedVersion } from "../shared/contract/versions.ts";
import { canonicalJson } from "../shared/json/canonical.ts";
import { JsonError, parseExactly, parseJson } from "../shared/json/parse.ts";
import { connectionId, type Target } from "../shared/resource-id.ts";
import { sealSecrets } from "../shared/secrets/sealing.ts";
import type { AccessSettingName, AccessSettings } from "../shared/settings.ts";
import { judgeAccess } from "./access-check.ts";
import { WrongUse } from "./command-line.ts";
import type { InputFile } from "./files.ts";

/** Keys are sealed before a request is judged. This sealing key is not stored anywhere. */
const ring = new Map([["k", randomBytes(32)]]);
/** Stands for the message id of a bare body, which its file does not have. */
const NO_MESSAGE_ID = "validated";

/** What one file says, and what the app would find in it. */
export interface Judged {
  readonly file: string;
  readonly text: string;
  readonly findings: readonly Finding[];
  /** Settings of the app that decide about this file, but could not be applied. */
  readonly notChecked?: readonly AccessSettingName[];
  /** Source and id, and the content. Undefined for a bare body, and if the file is unreadable. */
  readonly identity?: { readonly key: string; readonly payload: string };
  /** The id of the connection that a valid request changes; nothing for a plan. */
  readonly changes?: string;
}

/**
 * Judges a request, a cancellation or a bare body as the app would with the settings that are
 * known.
 */
export function judgeFile({ name, content }: InputFile, known: AccessSettings): Judged {
  const judged = { file: name, text: textOf(content) };
  const message = { body: content, messageId: NO_MESSAGE_ID, messageIdIsExact: true };
  const read = readMessage({ ...message, contentType: undefined, applicationProperties: {}, queue: "none" });
  if ("unreadable" in read) return { ...judged, findings: [errorOf("UnreadableMessage", read.target, read.unreadable)] };
  const identity = read.type === null ? {} : { identity: identityOf(read) };
  const unsupported = unsupportedVersion(read.type);
  if (unsupported) return { ...judged, ...identity, findings: [errorOf("UnsupportedVersion", "/type", unsupported)] };
  if (read.type === cancelType) return { ...judged, ...identity, findings: cancellationFindings(read) };
  const document = { type: read.type, data: sealSecrets(read.data, NO_MESSAGE_ID, ring) };
  const { findings: ofData, valid } = validate(document.data, read.ticket);
  const { findings: ofAccess, notChecked } = judgeAccess(document.data, read.type === null ? null : read.source, known);
  const findings = [...ofData, ...ofAccess].map((finding) => describeInDocument(finding, document));
  return { ...judged, ...identity, findings, notChecked, ...(valid?.mode === "apply" ? { changes: connectionId(valid.target) } : {}) };
}

/** Judges a file that is the REST body of a connection alone. */
export function judgeBody({ name, content }: InputFile, target: Target, known: AccessSettings): Judged {
  const judged = { file: name, text: textOf(content) };
  try {
    const document = { type: null, data: sealSecrets({ target, connection: parseJson(content).value }, NO_MESSAGE_ID, ring) };
    const { findings: ofAccess, notChecked } = judgeAccess(document.data, null, known);
    const found = [...validate(document.data, null).findings, ...ofAccess];
    const described = found.map((finding) => describeInDocument(finding, document));
    // The file is the connection itself.
    const findings = described.map((finding) => ({ ...finding, target: finding.target.replace(/^\/connection/, "") }));
    return { ...judged, findings, notChecked };
  } catch (error) {
    if (error instanceof JsonError) return { ...judged, findings: [errorOf("UnreadableMessage", "", error.message)] };
    throw error;
  }
}

/** Takes the target of a REST body out of the id of its connection. */
export function targetOf(resourceId = ""): Target {
  const pattern =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/vpnGateways\/([^/]+)\/vpnConnections\/([^/]+)$/i;
  const [, subscriptionId, resourceGroupName, gatewayName, connectionName] = pattern.exec(resourceId) ?? [];
  if (!subscriptionId || !resourceGroupName || !gatewayName || !connectionName)
    throw new WrongUse("--body needs the id of the connection: --target /subscriptions/…/vpnGateways/…/vpnConnections/…");
  return { subscriptionId, resourceGroupName, gatewayName, connectionName };
}

function cancellationFindings({ source, type, data, ticket }: ReadMessage): Finding[] {
  const { valid, findings } = judgeStructure<typeof cancelDataSchema>(cutToSchema(data, cancelDataSchema, MAX_FINDINGS), cancelDataSchema);
  const { requestSource }: Partial<CancelRequest> = valid ?? {};
  const foreign =
    requestSource === undefined || requestSource === source
      ? []
      : [
          errorOf(
            "SourceNotAllowed",
            "/requestSource",
            `Only the source of a request may cancel it. This cancellation comes from ${source}.`,
          ),
        ];
  const all = sortFindings([...findings, ...ticketFindings(ticket), ...foreign]);
  return all.map((finding) => describeInDocument(finding, { type, data }));
}

/** The same payload has the same text, whatever the order of its properties. */
function identityOf({ source, id, type, data, ticket }: ReadMessage): NonNullable<Judged["identity"]> {
  return { key: `${source}\n${id}`, payload: canonicalJson([type, data, ticket === null ? null : parseExactly(ticket)]) };
}

function errorOf(code: string, target: string, message: string): Finding {
  return { code, severity: "error", target, message, actor: "requester" };
}

function textOf(content: Buffer): string {
  return new TextDecoder().decode(content);
}
