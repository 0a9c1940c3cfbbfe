import * as z from "zod";
import { attemptSchema } from "../../shared/contract/completion.ts";
import { noProgress, type Progress } from "../../shared/contract/rejection.ts";
import { field } from "../../shared/json/field.ts";

const progressSchema = z.object({
  polls: z.int().nonnegative(),
  operationId: z.string().nullable(),
  attempts: z.array(attemptSchema),
});

/**
 * Returns the progress in the custom status of an instance. If the status has none, an older
 * version of the app wrote it, or the instance had not begun.
 */
export function progressOf(customStatus: unknown): Progress {
  return progressSchema.safeParse(field(customStatus, "progress")).data ?? noProgress;
}
