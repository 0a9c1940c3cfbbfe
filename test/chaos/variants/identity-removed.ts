import { randomBytes } from "node:crypto";
import type { instanceIdOf as real } from "../../../shared/instance-id.ts";

export * from "../../../shared/instance-id.ts";

/** An instance for every message, whoever sent it under which id. */
export const instanceIdOf: typeof real = () => `vpn-${randomBytes(20).toString("hex")}`;
