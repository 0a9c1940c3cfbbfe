import type { VpnConnection } from "../shared/contract/connection.ts";
import type { Verification } from "../shared/durable/activities.ts";
import type { GivenKeys } from "../shared/durable/connection-keys.ts";
import type { Durable } from "./durable.ts";
import type { Instance } from "./instance.ts";
import { connectionIn } from "./poll-until-done.ts";

/** A change that Azure has finished: the keys in its PUT, and the first read after it, if any. */
interface FinishedChange {
  readonly given: GivenKeys;
  readonly verification: Verification | undefined;
}

/**
 * Returns the connection as Azure shows it after the change, without its keys. If the step that saw
 * the end of the change has read it, and not too early, it is not read again.
 */
export function* verifyChange(instance: Instance, desired: VpnConnection, { given, verification }: FinishedChange): Durable<unknown> {
  const { steps, azure } = instance;
  const input = { ...connectionIn(instance), ...(azure.superseded ? { desired } : {}) };
  const resource = yield* steps.verifyConnection(input, verification);
  instance.noteVerification(given);
  return resource;
}
