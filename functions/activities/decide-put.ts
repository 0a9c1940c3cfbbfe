import { differences } from "../../shared/arm/comparison.ts";
import { connectionStateOf, isBeingDeleted } from "../../shared/arm/connection-state.ts";
import type { Change, Diff } from "../../shared/contract/completion.ts";
import type { PutConnectionInput } from "../../shared/durable/activities.ts";
import { type GivenKeys, keyDifferences } from "../../shared/durable/connection-keys.ts";
import { field } from "../../shared/json/field.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";

/** What to do, and what it changes. */
export interface Decision {
  /**
   * `put`: a PUT is needed. `busy`: another change of the connection is in progress. `adopted`:
   * this change is in progress already. `done`: an earlier PUT, whose response was lost, has made
   * this change. `unchanged`: nothing is to be done.
   */
  readonly what: "put" | "busy" | "adopted" | "done" | "unchanged";
  readonly change: Change;
  readonly diff: Diff;
}

/**
 * Decides whether a PUT is needed. `actual` is the connection as a read shows it; undefined if it
 * does not exist. The diff contains no keys.
 */
export function decidePut(
  { desired, remembered, before }: Pick<PutConnectionInput, "desired" | "remembered" | "before">,
  actual: object | undefined,
  given: GivenKeys,
  filter: KeyFilter,
): Decision {
  const properties = differences(desired, actual).map((difference) => ({ ...difference, before: filter.resource(difference.before) }));
  const diff = [...properties, ...keyDifferences(given, remembered)];
  const change: Change = (before ? before.existed : actual !== undefined) ? "Updated" : "Created";
  const decision = (what: Decision["what"]): Decision => ({ what, change, diff });
  // After the PUT a read no longer shows the difference, so the diff from before the PUT is used.
  const decisionAfterPut = (what: "adopted" | "done"): Decision => ({ what, change, diff: before?.diff ?? diff });
  if (!actual) return decision("put");
  const state = connectionStateOf(actual);
  // A deletion is never this change, even if all properties are still as desired.
  if (isBeingDeleted(actual)) return decision("busy");
  // If keys differ, the change in progress is this one only if an earlier PUT may have sent them.
  if (state === "InProgress")
    return diff.length === 0 || (before && properties.length === 0) ? decisionAfterPut("adopted") : decision("busy");
  // The etag changed after our PUT and all but the keys matches, so our PUT was carried out. No
  // read shows the keys.
  const isCarriedOut = before && (!before.existed || before.etag !== String(field(actual, "etag") ?? ""));
  if (isCarriedOut && properties.length === 0) return decisionAfterPut("done");
  if (state !== "Succeeded" || properties.length > 0) return decision("put");
  return decision(diff.length === 0 ? "unchanged" : "put");
}

/**
 * Returns true if only keys differ. A read cannot show whether an earlier PUT has sent them.
 */
export function dependsOnKeys({ what, diff }: Decision, actual: object | undefined): boolean {
  if (actual === undefined || !(diff ?? []).every(({ change }) => change === "key")) return false;
  return what === "put" || (what === "busy" && !isBeingDeleted(actual));
}
