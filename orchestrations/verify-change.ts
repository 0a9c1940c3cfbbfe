import type { VpnConnection } from "../shared/contract/connection.ts";
import type { Durable } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { connectionIn } from "./poll-until-done.ts";

/**
 * Reads the connection after Azure has finished. Returns the resource as Azure shows it, without
 * its keys.
 */
export function* verifyChange(instance: Instance, desired: VpnConnection): Durable<unknown> {
  const { steps, azure } = instance;
  const resource = yield* steps.verifyConnection({ ...connectionIn(instance), ...(azure.superseded ? { desired } : {}) });
  instance.noteVerification();
  return resource;
}
