import type { Diff } from "../contract/completion.ts";

/** The connection as a read showed it right before a PUT. */
export interface Before {
  readonly existed: boolean;
  readonly etag: string;
  /**
   * The changes that the PUT makes in an existing connection. After the PUT, no read shows them.
   */
  readonly diff?: Diff;
}

/** Stored in the claim of a request right before a PUT with keys. */
export interface SubmissionNote {
  /** The number of the try that sends the PUT. A later try finds the result in the history. */
  readonly attempt: number;
  readonly before: Before;
}
