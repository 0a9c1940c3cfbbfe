import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";

const ALGORITHM = "aes-256-ctr";
const BLOCK_BYTES = 16;
const NONCE_BYTES = 8;

/**
 * Encrypts the values in the store of a data directory, as a namespace does
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/configure-customer-managed-key).
 * Requests may carry pre-shared keys, and those must not be readable on disk. The encryption key is
 * the file `<name>.key` in the directory, which only its owner can read.
 */
export function createStoreCipher(
  dataDirectory: string,
  name = "service-bus",
): { seal(bytes: Buffer): Buffer; open(sealed: Uint8Array): Buffer } {
  const file = join(dataDirectory, `${name}.key`);
  if (!existsSync(file)) replaceFile(file, randomBytes(32).toString("base64"));
  const encryptionKey = Buffer.from(readFileSync(file, "utf8"), "base64");
  // The process has one cipher stream. Each value uses the next blocks of it and stores the number
  // of its first block. A new cipher for every message would take ten times as long as the rest of
  // storing it.
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, encryptionKey, Buffer.concat([nonce, Buffer.alloc(BLOCK_BYTES - NONCE_BYTES)]));
  let block = 0n;
  return {
    seal(bytes) {
      const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
      const sealed = Buffer.allocUnsafe(BLOCK_BYTES + bytes.length);
      nonce.copy(sealed);
      sealed.writeBigUInt64BE(block, NONCE_BYTES);
      block += BigInt(blocks);
      const padded = Buffer.alloc(blocks * BLOCK_BYTES);
      bytes.copy(padded);
      cipher.update(padded).copy(sealed, BLOCK_BYTES, 0, bytes.length);
      return sealed;
    },
    open: (sealed) => createDecipheriv(ALGORITHM, encryptionKey, sealed.subarray(0, BLOCK_BYTES)).update(sealed.subarray(BLOCK_BYTES)),
  };
}
