import { differences } from "../../shared/arm/comparison.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import type { Change, Diff } from "../../shared/contract/completion.ts";
import type { PutConnectionInput } from "../../shared/durable/activities.ts";
import { type GivenKeys, keyDifferences } from "../../shared/durable/connection-keys.ts";
import { field } from "../../shared/json.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";

/** What is to be done, and what it changes. */
export interface Decision {
  /** `adopted`: Azure is doing it already. `done`: the PUT whose response was lost has done it. */
  readonly what: "put" | "busy" | "adopted" | "done" | "unchanged";
  readonly change: Change;
  readonly diff: Diff;
}

/**
 * Decides whether a PUT is needed. `actual` is the connection as a read shows it, undefined if it
 * does not exist. The diff quotes it without its keys.
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
  const begun = (what: "adopted" | "done"): Decision => ({ what, change, diff: before?.diff ?? diff });
  if (!actual) return decision("put");
  const state = connectionStateOf(actual);
  if (state === "InProgress") return properties.length === 0 ? begun("adopted") : decision("busy");
  // The etag changed after our PUT and all but the keys matches, so our PUT was carried out. No read shows the keys.
  const isCarriedOut = before && (!before.existed || before.etag !== String(field(actual, "etag") ?? ""));
  if (isCarriedOut && properties.length === 0) return begun("done");
  if (state !== "Succeeded" || properties.length > 0) return decision("put");
  return decision(diff.length === 0 ? "unchanged" : "put");
}

/** Returns true if a PUT would set nothing but keys. No read can show that this is done already. */
export function setsOnlyKeys({ what, diff }: Decision, actual: object | undefined): boolean {
  return what === "put" && actual !== undefined && (diff ?? []).every(({ change }) => change === "key");
}
