import { jsonPointer } from "../contract/finding.ts";
import { field } from "../json/field.ts";
import { removeSecretFields } from "../secrets/redaction.ts";
import { azureDefaults } from "./azure-defaults.ts";
import { comparableText } from "./comparable-value.ts";
import { type ComparedProperty, connectionProperties, linkProperties, tunnelNames } from "./compared-properties.ts";
import { hubDefaultOf, isHubChoice, isHubDefault } from "./hub-choice.ts";

/** A property or a link that a PUT changes in Azure. */
export interface Difference {
  /** JSON pointer into the connection, with the link's name in place of its index. */
  readonly target: string;
  /**
   * `reset`: the request does not contain the property, so the PUT resets it to Azure's default.
   */
  readonly change: "add" | "remove" | "set" | "reset";
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Returns true if a PUT would change nothing but keys. Keys are not compared: no read shows them.
 */
export function isSameConnection(desired: unknown, actual: unknown): boolean {
  return differences(desired, actual).length === 0;
}

/**
 * Returns what a PUT of the desired connection changes in the actual one, except keys. If `actual`
 * is undefined, the connection does not exist yet, and every property of the request is returned;
 * so it is for a link that does not exist yet. A PUT replaces the whole resource: an absent
 * property is reset to Azure's default, and an absent link is removed. If Azure's default is
 * unknown, the property counts as different, because a needless PUT is harmless and a missing one
 * is not.
 */
export function differences(desired: unknown, actual: unknown): Difference[] {
  const [wanted, found] = [linksOf(desired), linksOf(actual)];
  // If there are links, Azure ignores the properties of a tunnel on the connection and does not
  // show them (recorded). So a difference would stay for ever.
  const isIgnored = ({ path, name }: ComparedProperty) =>
    wanted.size > 0 && tunnelNames.has(name) && actual !== undefined && isEmpty(valueAt(actual, path));
  const ofConnection = connectionProperties
    .filter((property) => !isIgnored(property))
    .flatMap((property) => propertyDifference([], property, desired, actual));
  const removed = [...found].filter(([name]) => !wanted.has(name));
  return [
    ...ofConnection,
    ...removed.map(
      ([name, link]): Difference => ({ target: linkTarget(name), change: "remove", before: removeSecretFields(link), after: null }),
    ),
    ...[...wanted].flatMap(([name, link]) => linkDifferences(name, link, found.get(name))),
  ].sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** Returns the differences of one link. A link that is added is returned as a whole, too. */
function linkDifferences(name: string, wanted: unknown, found: unknown): Difference[] {
  const properties = linkProperties.flatMap((property) => propertyDifference([linksName, name], property, wanted, found));
  if (found !== undefined) return properties;
  return [{ target: linkTarget(name), change: "add", before: null, after: removeSecretFields(wanted) }, ...properties];
}

function propertyDifference(
  at: readonly string[],
  { path, name, schema }: ComparedProperty,
  desired: unknown,
  actual: unknown,
): Difference[] {
  const [after, before] = [valueAt(desired, path), valueAt(actual, path)];
  const target = jsonPointer(at.length === 0 ? path : ["properties", ...at, ...path]);
  if (actual === undefined) return after === undefined || after === null ? [] : [{ target, change: "add", before: null, after }];

  const byDefault = comparableText(azureDefaults.get(name), schema, name);
  const [wanted, found] = [after, before].map((value) => comparableText(value, schema, name));
  const isSame = (wanted ?? byDefault) === (found ?? byDefault);
  const isLeftToHub = wanted === undefined && isHubChoice(name, before);
  if (isSame || isLeftToHub || (found === undefined && isHubDefault(name, after))) return [];

  if (wanted !== undefined)
    return [{ target, change: found === undefined ? "add" : "set", before: found === undefined ? null : before, after }];
  const reset = Array.isArray(before) ? [] : (azureDefaults.get(name) ?? hubDefaultOf(name, before) ?? null);
  return [{ target, change: "reset", before, after: reset }];
}

const linksName = "vpnLinkConnections";

function linkTarget(name: string): string {
  return jsonPointer(["properties", linksName, name]);
}

/** Returns the links of a connection by their names, in lower case. */
function linksOf(connection: unknown): Map<string, unknown> {
  const links = valueAt(connection, ["properties", linksName]);
  return new Map(Array.isArray(links) ? links.map((link) => [String(field(link, "name")).toLowerCase(), link]) : []);
}

function valueAt(node: unknown, path: readonly string[]): unknown {
  return path.reduce(field, node);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
