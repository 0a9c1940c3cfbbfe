import { z } from "zod";
import type { Policy } from "../policy.ts";
import { connectionSchema } from "./connection.ts";

export const requestType = "vpn-connection.provision.requested.v1";

/** Why a CloudEvents type is not taken, in a sentence; nothing for the one that is, and for a bare body, which has none. */
export function unsupportedVersion(type: string | null): string | undefined {
  if (type === null || type === requestType) return undefined;
  return `The event type ${JSON.stringify(type.slice(0, 128))} is not supported; this app takes ${requestType}.`;
}

/** Ids and sources: 1 to 128 printable characters. */
export const identifierPattern = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Source: https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules (Microsoft.Network: vpnGateways, vpnConnections). */
const resourceName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/, {
  error: "Expected 1 to 80 letters, digits, `_`, `.` or `-`, starting with a letter or digit and ending with a letter, digit or `_`",
});

export const targetSchema = z.strictObject({
  subscriptionId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: "Expected a subscription id" }),
  resourceGroupName: z.string().regex(/^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$/u, {
    error: "Expected 1 to 90 letters, digits, `_`, `-`, `.`, `(` or `)`, not ending with `.`",
  }),
  gatewayName: resourceName,
  connectionName: resourceName,
});

/** The `data` of a request, apart from the ticket, which is carried as it came. */
export const requestDataSchema = z.strictObject({
  target: targetSchema,
  connection: connectionSchema,
  mode: z.literal("apply").default("apply"),
  deadlineMinutes: z.int().min(5).max(1440).optional(),
  queueDeadlineMinutes: z.int().min(1).max(10_080).optional(),
});

/** The input of an orchestration instance: what the message said, sealed, and what the settings said when it arrived. */
export interface ProvisioningRequest {
  readonly instanceId: string;
  readonly requestId: string;
  readonly requestSource: string;
  /** CloudEvents type; null for a bare body. */
  readonly type: string | null;
  /** The request's `data` without the ticket, as parsed, every secret field sealed. */
  readonly data: unknown;
  /** The ticket's JSON text, so that its numbers survive digit for digit; null when there is none. */
  readonly ticket: string | null;
  /** `<key id>.<hmac>` of the payload: tells a repetition from a conflict. */
  readonly fingerprint: string;
  readonly receivedAt: string;
  readonly replySessionId: string | null;
  readonly traceparent: string | null;
  readonly policy: Policy;
}
