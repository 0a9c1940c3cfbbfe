import { openAzureState as real } from "../../../orchestrations/azure-state.ts";
import type { GivenKeys } from "../../../shared/durable/connection-keys.ts";

/** Takes the keys of a PUT for those of the connection as soon as Azure has accepted the PUT. */
export const openAzureState: typeof real = () => {
  const state = real();
  let given: GivenKeys | undefined;
  return Object.defineProperties(Object.create(state) as typeof state, {
    keys: { get: () => given ?? state.keys },
    noteSubmission: {
      value(submission: Parameters<typeof state.noteSubmission>[0]) {
        state.noteSubmission(submission);
        if (submission.status !== "notNeeded") given = submission.given;
      },
    },
  });
};
