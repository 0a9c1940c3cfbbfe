import type { newerOf as real } from "../../../shared/fence.ts";

export * from "../../../shared/fence.ts";

/** No request comes too late. */
export const newerOf: typeof real = () => undefined;
