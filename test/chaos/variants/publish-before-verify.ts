import type { pollUntilDone as realPoll, verify as realVerify } from "../../../orchestrations/poll-until-done.ts";

export * from "../../../orchestrations/poll-until-done.ts";

/** Takes Azure's promise for its deed. */
export const pollUntilDone: typeof realPoll = function* () {};

/** What the connection will surely be. */
// biome-ignore lint/correctness/useYield: it asks nobody
export const verify: typeof realVerify = function* () {
  return { properties: { provisioningState: "Succeeded" } };
};
