import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Finding } from "../shared/contract/finding.ts";
import { describeInDocument } from "../shared/contract/in-document.ts";
import { readMessage } from "../shared/contract/message.ts";
import { validate } from "../shared/contract/validate.ts";
import { unsupportedVersion } from "../shared/contract/versions.ts";
import { JsonError, parseJson } from "../shared/json/parse.ts";
import type { Target } from "../shared/resource-id.ts";
import { sealSecrets } from "../shared/secrets/sealing.ts";

// `npm run validate -- request.json [more…]`: what the app would say of each request, without sending it anywhere.

/** Keys are sealed before a request is judged; here under a key that nobody keeps. */
const ring = new Map([["k", randomBytes(32)]]);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, body: { type: "boolean", default: false }, target: { type: "string" } },
  });
  if (positionals.length === 0) throw new Error("Which requests? npm run validate -- request.json [more…]");
  const target = values.body ? targetOf(values.target) : undefined;
  for (const file of positionals) {
    const content = contentOf(file);
    if (!content) continue;
    const findings = target ? findingsOfBody(content, target) : findingsOfMessage(content);
    const errors = findings.filter(({ severity }) => severity === "error");
    const warnings = findings.filter(({ severity }) => severity === "warning");
    console.log(values.json ? JSON.stringify({ file, errors, warnings }) : table(file, [...errors, ...warnings]));
    if (errors.length > 0) process.exitCode ??= 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/** One file that cannot be read does not keep the others from being judged. */
function contentOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
    return undefined;
  }
}

function findingsOfMessage(body: Buffer): readonly Finding[] {
  const read = readMessage({
    body,
    messageId: "validated",
    messageIdIsExact: true,
    contentType: undefined,
    applicationProperties: {},
    queue: "none",
  });
  if ("unreadable" in read) return [errorOf("UnreadableMessage", read.target, read.unreadable)];
  const unsupported = unsupportedVersion(read.type);
  if (unsupported) return [errorOf("UnsupportedVersion", "/type", unsupported)];
  const document = { type: read.type, data: sealSecrets(read.data, "validated", ring) };
  return validate(document.data, read.ticket).findings.map((finding) => describeInDocument(finding, document));
}

function findingsOfBody(body: Buffer, target: Target): readonly Finding[] {
  try {
    const document = { type: null, data: sealSecrets({ target, connection: parseJson(body).value }, "validated", ring) };
    return validate(document.data, null).findings.map((finding) => describeInDocument(finding, document));
  } catch (error) {
    if (error instanceof JsonError) return [errorOf("UnreadableMessage", "", error.message)];
    throw error;
  }
}

function errorOf(code: string, target: string, message: string): Finding {
  return { code, severity: "error", target, message, actor: "requester" };
}

function targetOf(resourceId = ""): Target {
  const pattern =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/vpnGateways\/([^/]+)\/vpnConnections\/([^/]+)$/i;
  const [, subscriptionId, resourceGroupName, gatewayName, connectionName] = pattern.exec(resourceId) ?? [];
  if (!subscriptionId || !resourceGroupName || !gatewayName || !connectionName)
    throw new Error("--body takes the resource id of the connection with it: --target /subscriptions/…/vpnConnections/…");
  return { subscriptionId, resourceGroupName, gatewayName, connectionName };
}

function table(file: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${file}: no findings`;
  const rows = findings.map(({ severity, code, target, message, source }) => [
    severity,
    code,
    target,
    source ? `${message} ${source}` : message,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
  return [`${file}:`, ...lines].join("\n");
}
