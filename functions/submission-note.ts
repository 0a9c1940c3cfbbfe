import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { SubmissionNote } from "../shared/before.ts";
import type { Claim } from "../shared/claim.ts";
import { durableClient } from "./durable-client.ts";

/**
 * Notes in the claim of a request that it is about to PUT keys. No read of Azure shows a key. If the host dies before the PUT is in the history, only the
 * note tells the next run that the keys have been sent.
 */
export interface SubmissionNotes {
  /** Stores the note. Throws if the store cannot take it: then nothing may be sent. */
  write(context: InvocationContext, instanceId: string, note: SubmissionNote): Promise<void>;
  /** Returns the last note, if there is one. Throws if the store does not respond. */
  read(context: InvocationContext, instanceId: string): Promise<SubmissionNote | undefined>;
}

const claimOf = (instanceId: string) => new df.EntityId("completionClaim", instanceId);

/** The notes of the app, in its durable store. */
export const submissionNotes: SubmissionNotes = {
  async write(context, instanceId, note) {
    await durableClient(context).signalEntity(claimOf(instanceId), "noteSubmission", note);
  },
  async read(context, instanceId) {
    const { entityState } = await durableClient(context).readEntityState<Claim>(claimOf(instanceId));
    return entityState?.submission;
  },
};
