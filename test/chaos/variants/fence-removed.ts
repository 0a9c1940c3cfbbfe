import type { findNewerRequester as real } from "../../../shared/durable/fence.ts";

export * from "../../../shared/durable/fence.ts";

/** No request comes too late. */
export const findNewerRequester: typeof real = () => undefined;
