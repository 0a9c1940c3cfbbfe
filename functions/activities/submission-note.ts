import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { SubmissionNote } from "../../shared/durable/before.ts";
import type { Claim } from "../../shared/durable/claim.ts";
import { entities } from "../../shared/durable/names.ts";
import { durableClientOf } from "../durable/durable-client.ts";

/**
 * Notes in the claim of a request that it is about to PUT keys. No read of Azure shows a key. If the host dies before the PUT is in the history, only the
 * note tells the next run that the keys have been sent.
 */
export interface SubmissionNotes {
  /** Stores the note, and returns when it can be read. Throws if the store does not take it: then nothing may be sent. */
  write(context: InvocationContext, instanceId: string, note: SubmissionNote): Promise<void>;
  /** Returns the last note, if there is one. Throws if the store does not respond. */
  read(context: InvocationContext, instanceId: string): Promise<SubmissionNote | undefined>;
}

/** An entity takes a signal within some tenths of a second; a store that needs longer than all of these is tried again later. */
const LOOKS_AFTER_MS = [20, 50, 100, 200, 400, 800, 1_600, 3_200];

const claimOf = (instanceId: string) => new df.EntityId(entities.claim, instanceId);

/** Creates the notes of the app, in its durable store. */
export function createSubmissionNotes(pause: (milliseconds: number) => Promise<unknown>): SubmissionNotes {
  const read: SubmissionNotes["read"] = async (context, instanceId) => {
    const { entityState } = await durableClientOf(context).readEntityState<Claim>(claimOf(instanceId));
    return entityState?.submission;
  };
  return {
    read,
    async write(context, instanceId, note) {
      await durableClientOf(context).signalEntity(claimOf(instanceId), "noteSubmission", note);
      // A signal that was accepted may still lie in a queue. If the host died now, it would be hidden there as long as this activity is.
      for (const milliseconds of LOOKS_AFTER_MS) {
        await pause(milliseconds);
        if ((await read(context, instanceId))?.attempt === note.attempt) return;
      }
      throw new Error("The note of the submission was not stored in time");
    },
  };
}
