import type { VpnConnection } from "../shared/contract/connection.ts";
import type { Durable } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { connectionIn } from "./poll-until-done.ts";

/** Reads the connection once Azure is done with it, and returns it as the service shows it. */
export function* verifyChange(instance: Instance, desired: VpnConnection): Durable<unknown> {
  const { steps, azure } = instance;
  const resource = yield* steps.verifyConnection({ ...connectionIn(instance), ...(azure.superseded ? { desired } : {}) });
  instance.noteVerification();
  return resource;
}
