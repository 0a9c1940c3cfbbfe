import type { History } from "../events.ts";

/**
 * No signed URL stands in what others read, and no key stands in anything that the stack has
 * written or told: as it is, in hex, or in base64 at any of its three alignments.
 */
export function secrets({ trace }: History): string[] {
  const { "the log": log = "" } = trace.said;
  const events = trace.received.map(({ body }) => body).join("\n");
  const signed = Object.entries({ "the log": log, "the events": events }).flatMap(([place, text]) =>
    trace.signatures
      .filter((signature) => text.includes(signature))
      .map((signature) => `The operation URL that is signed ${signature} stands in ${place}.`),
  );
  const places = { ...trace.said, "the events": trace.received.map((received) => JSON.stringify(received)).join("\n") };
  const keys = Object.entries(places).flatMap(([place, text]) => {
    const lower = text.toLowerCase();
    const found = trace.secrets.filter((secret) => spellingsOf(secret).some((spelling) => lower.includes(spelling.toLowerCase())));
    return found.map((secret) => `The key with the mark ${secret} stands in ${place}.`);
  });
  return [...keys, ...signed];
}

/** In base64 the outermost characters belong to the neighbours too, and are left out. */
function spellingsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from("-".repeat(before) + secret).toString("base64");
    return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + secret.length) * 4) / 3));
  });
  return [secret, Buffer.from(secret).toString("hex"), ...inBase64];
}
