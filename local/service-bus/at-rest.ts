import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts what stands in the store of a data directory, as a namespace does
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/configure-customer-managed-key): requests may carry keys, and no key is to be read on a disk. The
 * directory's own `service-bus.key` opens it, which its owner alone can read.
 */
export function atRest(dataDirectory: string): { seal(bytes: Buffer): Buffer; open(sealed: Uint8Array): Buffer } {
  const file = join(dataDirectory, "service-bus.key");
  try {
    writeFileSync(file, randomBytes(32).toString("base64"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const key = Buffer.from(readFileSync(file, "utf8"), "base64");
  return {
    seal(bytes) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv);
      const sealed = Buffer.concat([iv, cipher.update(bytes), cipher.final()]);
      return Buffer.concat([sealed, cipher.getAuthTag()]);
    },
    open(sealed) {
      const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        throw new Error(
          `The messages in ${dataDirectory} are not of its service-bus.key; remove the directory or choose another --data-dir.`,
        );
      }
    },
  };
}
