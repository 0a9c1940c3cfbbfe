import type { Finding } from "../../shared/contract/finding.ts";
import { readMessage } from "../../shared/contract/message.ts";
import { validate } from "../../shared/contract/validate.ts";
import { canonicalJson } from "../../shared/json/canonical.ts";
import { parseExactly } from "../../shared/json/parse.ts";
import { fingerprintsOf } from "../../shared/secrets/key-ring.ts";
import { sealSecrets } from "../../shared/secrets/sealing.ts";

const ring = new Map([["k1", Buffer.alloc(32, 7)]]);

/**
 * Does to a body what the app does from its arrival to its findings. Returns the findings, or why
 * it cannot be read.
 */
export function readSealAndValidate(
  body: Uint8Array,
  applicationProperties: Readonly<Record<string, unknown>> = {},
): readonly Finding[] | string {
  const read = readMessage({
    body,
    messageId: "m-1",
    messageIdIsExact: true,
    contentType: undefined,
    applicationProperties,
    queue: "vpn-connection-requests",
  });
  if ("unreadable" in read) return read.unreadable;
  fingerprintsOf("payload", canonicalJson([read.type, read.data, read.ticket === null ? null : parseExactly(read.ticket)]), ring);
  // As it comes back from the store.
  const data: unknown = JSON.parse(JSON.stringify(sealSecrets(read.data, "vpn-1", ring)) ?? "null");
  return validate(data, read.ticket).findings;
}
