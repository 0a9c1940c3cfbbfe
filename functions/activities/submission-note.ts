import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { SubmissionNote } from "../../shared/durable/before.ts";
import type { Claim } from "../../shared/durable/claim.ts";
import { entities } from "../../shared/durable/names.ts";
import { durableClientOf } from "../durable/durable-client.ts";

/**
 * Notes in the claim of a request that a PUT with keys is about to be sent. Azure never shows a
 * key. If the host dies before the history contains the PUT, only this note tells the next run that
 * the keys may have been sent.
 */
export interface SubmissionNotes {
  /**
   * Stores the note, and returns when it can be read. Throws if it was not stored: then no PUT may
   * be sent.
   */
  write(context: InvocationContext, instanceId: string, note: SubmissionNote): Promise<void>;
  /** Returns the last note, if there is one. Throws if the store does not respond. */
  read(context: InvocationContext, instanceId: string): Promise<SubmissionNote | undefined>;
}

/**
 * The pauses before each read of the note. An entity usually handles a signal within some tenths of
 * a second.
 */
const READ_PAUSES_MS = [20, 50, 100, 200, 400, 800, 1_600, 3_200];

const claimOf = (instanceId: string) => new df.EntityId(entities.request, instanceId);

/** Creates the reader and writer of notes in the durable store. */
export function createSubmissionNotes(pause: (milliseconds: number) => Promise<unknown>): SubmissionNotes {
  const read: SubmissionNotes["read"] = async (context, instanceId) => {
    const { entityState } = await durableClientOf(context).readEntityState<Claim>(claimOf(instanceId));
    return entityState?.submission;
  };
  return {
    read,
    async write(context, instanceId, note) {
      await durableClientOf(context).signalEntity(claimOf(instanceId), "noteSubmission", note);
      // An accepted signal may still be in a queue. If the host died now, the next run of this
      // activity could start before the signal is handled. So the note must be readable before the
      // PUT.
      for (const milliseconds of READ_PAUSES_MS) {
        await pause(milliseconds);
        if ((await read(context, instanceId))?.attempt === note.attempt) return;
      }
      throw new Error("The note of the submission was not stored in time");
    },
  };
}
