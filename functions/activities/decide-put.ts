import { differences } from "../../shared/arm/comparison.ts";
import { connectionStateOf } from "../../shared/arm/connection-state.ts";
import type { Change, Diff } from "../../shared/contract/completion.ts";
import type { Before } from "../../shared/durable/before.ts";
import { type GivenKeys, keyDifferences } from "../../shared/durable/connection-keys.ts";
import { field } from "../../shared/json/field.ts";
import type { KeyFilter } from "../../shared/secrets/key-filter.ts";
import type { PutConnectionInput } from "./put-connection.ts";

/** What is to be done, and what it changes. */
export interface Decision {
  /** `adopted`: it is being done already; `done`: the PUT whose answer got lost has done it. */
  readonly what: "put" | "busy" | "adopted" | "done" | "unchanged";
  readonly change: Change;
  readonly diff: Diff;
}

/** Decides from what a read shows, `undefined` where there is no connection yet, whether a PUT is needed. What the diff quotes of it is filtered. */
export function decide(
  { desired, remembered, carried, before }: Pick<PutConnectionInput, "desired" | "remembered" | "carried" | "before">,
  actual: object | undefined,
  given: GivenKeys,
  filter: KeyFilter,
): Decision {
  const properties = differences(desired, actual).map((difference) => ({ ...difference, before: filter.resource(difference.before) }));
  const diff = [...properties, ...keyDifferences(given, remembered)];
  const sent = (carried as Before | undefined) ?? before;
  const change: Change = (sent ? sent.existed : actual !== undefined) ? "Updated" : "Created";
  const decision = (what: Decision["what"]): Decision => ({ what, change, diff });
  const begun = (what: "adopted" | "done"): Decision => ({ what, change, diff: sent?.diff ?? diff });
  if (!actual) return decision("put");
  const state = connectionStateOf(actual);
  if (state === "InProgress") return properties.length === 0 ? begun("adopted") : decision("busy");
  // Everything but the keys is as desired, and no read shows those: whoever changed the connection since the PUT went out was that PUT, however it ended.
  const carriedOut = sent && (!sent.existed || sent.etag !== String(field(actual, "etag") ?? ""));
  if (carriedOut && properties.length === 0) return begun("done");
  if (state !== "Succeeded" || properties.length > 0) return decision("put");
  return decision(diff.length === 0 ? "unchanged" : "put");
}

/** Whether a PUT would set nothing but keys: what no read can show to be done already. */
export function isAboutKeysAlone({ what, diff }: Decision, actual: object | undefined): boolean {
  return what === "put" && actual !== undefined && (diff ?? []).every(({ change }) => change === "key");
}
