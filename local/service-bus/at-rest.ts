import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../whole-file.ts";

const ALGORITHM = "aes-256-ctr";
const BLOCK_BYTES = 16;
const NONCE_BYTES = 8;

/**
 * Encrypts what stands in the store of a data directory, as a namespace does
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/configure-customer-managed-key): requests may carry keys, and no key is to be read on a disk. The
 * directory's own `<name>.key` opens it, which its owner alone can read.
 */
export function atRest(dataDirectory: string, name = "service-bus"): { seal(bytes: Buffer): Buffer; open(sealed: Uint8Array): Buffer } {
  const file = join(dataDirectory, `${name}.key`);
  if (!existsSync(file)) writeWhole(file, randomBytes(32).toString("base64"));
  const key = Buffer.from(readFileSync(file, "utf8"), "base64");
  // One stream of key blocks for the life of the process, of which each value uses the next ones and notes the first: to set up a cipher for every message would take
  // ten times as long as all the rest of storing it.
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, Buffer.concat([nonce, Buffer.alloc(BLOCK_BYTES - NONCE_BYTES)]));
  let block = 0n;
  return {
    seal(bytes) {
      const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
      const sealed = Buffer.allocUnsafe(BLOCK_BYTES + bytes.length);
      nonce.copy(sealed);
      sealed.writeBigUInt64BE(block, NONCE_BYTES);
      block += BigInt(blocks);
      const whole = Buffer.alloc(blocks * BLOCK_BYTES);
      bytes.copy(whole);
      cipher.update(whole).copy(sealed, BLOCK_BYTES, 0, bytes.length);
      return sealed;
    },
    open: (sealed) => createDecipheriv(ALGORITHM, key, sealed.subarray(0, BLOCK_BYTES)).update(sealed.subarray(BLOCK_BYTES)),
  };
}
