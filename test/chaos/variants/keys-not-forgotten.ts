import type { forgetKeys as real } from "../../../shared/durable/connection-keys.ts";

export * from "../../../shared/durable/connection-keys.ts";

/** Remembers the former keys while a PUT may change them. */
export const forgetKeys: typeof real = (known) => known;
