/** The settings of host.json about versions of orchestrations. */
export interface Versions {
  /** The version of an instance that is started without one. */
  readonly default: string;
  readonly strategy: Strategy;
}

const strategies = ["None", "Strict", "CurrentOrOlder"] as const;
type Strategy = (typeof strategies)[number];

/**
 * Checks and returns the settings of host.json about versions. Throws a sentence if the strategy is
 * unknown.
 */
export function readVersions(defaultVersion = "", versionMatchStrategy = "CurrentOrOlder"): Versions {
  const strategy = strategies.find((each) => each.toLowerCase() === versionMatchStrategy.toLowerCase());
  if (!strategy) throw new Error(`host.json: versionMatchStrategy is one of ${strategies.join(", ")}. Found ${versionMatchStrategy}.`);
  return { default: defaultVersion, strategy };
}

/**
 * Returns true if an app with these settings runs an instance of `version`
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning).
 * If not, the extension leaves the instance in its store, for an app of another version.
 */
export function isRun(version: string, versions: Versions): boolean {
  if (versions.strategy === "None") return true;
  const order = compareVersions(version, versions.default);
  return versions.strategy === "Strict" ? order === 0 : order <= 0;
}

function compareVersions(a: string, b: string): number {
  if (a === "" || b === "") return Number(a !== "") - Number(b !== "");
  const isNumbered = (text: string) => /^\d+(\.\d+){1,3}$/.test(text);
  if (!isNumbered(a) || !isNumbered(b)) return a.toLowerCase() < b.toLowerCase() ? -1 : Number(a.toLowerCase() !== b.toLowerCase());
  const [left, right] = [a, b].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let index = 0; index < 4; index++) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
