import type { Diff } from "../contract/completion.ts";

/** What a read showed before a PUT whose answer was lost. */
export interface Before {
  readonly existed: boolean;
  readonly etag: string;
  /** What the PUT was to change in an existing connection. After the PUT no read shows that any more. */
  readonly diff?: Diff;
}

/** What a request notes right before a PUT that gives keys. */
export interface SubmissionNote {
  /** The try that makes the PUT. A later try knows from the history what became of it. */
  readonly attempt: number;
  readonly before: Before;
}
