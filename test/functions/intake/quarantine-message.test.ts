import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { InvocationContext } from "@azure/functions";
import { quarantineMessageOf } from "../../../functions/intake/quarantine-message.ts";
import { readTriggerMessage } from "../../../functions/intake/request-message.ts";
import { problem } from "../../../shared/contract/problem.ts";
import { metadata } from "../../support/receiving.ts";

const STANDARD_BYTES = 256 * 1024;
/** The longest name of a queue in Service Bus. */
const queue = "q".repeat(260);

/** What is kept of a message, as the worst sender makes it. */
function kept(bodyBytes: number) {
  const worst = {
    contentType: "text/\u{1F600}".repeat(10_000),
    messageId: "\u{1F600}".repeat(64),
    sequenceNumber: Number.MAX_SAFE_INTEGER,
  };
  const context = { triggerMetadata: metadata({ ...worst, deliveryCount: 10 }) } as unknown as InvocationContext;
  const message = readTriggerMessage(Buffer.alloc(bodyBytes, "x"), context, { queue, now: () => new Date(0) });
  return { message, kept: quarantineMessageOf(message, problem("UnreadableMessage", "\u4E2D".repeat(10_000))) };
}

/** Everything that the message says, in bytes. */
function sizeOf({ body, ...rest }: ReturnType<typeof kept>["kept"]): number {
  return body.length + Buffer.byteLength(JSON.stringify(rest));
}

test("whatever came, what is kept of it fits into a message of a Standard namespace", () => {
  for (const bytes of [0, 1, 100_000, 258_048, 258_049, STANDARD_BYTES, STANDARD_BYTES + 1, 10_000_000]) {
    assert.ok(sizeOf(kept(bytes).kept) <= STANDARD_BYTES, `${bytes} bytes`);
  }
});

test("a body is kept as it came as long as it fits, and otherwise told by size and hash", () => {
  const small = kept(258_048);
  assert.deepEqual(small.kept.body, small.message.body);
  assert.equal(small.kept.properties["sha256"], undefined);
  const large = kept(258_049);
  assert.deepEqual([large.kept.body.length, large.kept.contentType, large.kept.properties["size"]], [0, undefined, "258049"]);
  assert.equal(large.kept.properties["sha256"], createHash("sha256").update(large.message.body).digest("hex"));
});
