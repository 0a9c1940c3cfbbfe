import { readFileSync } from "node:fs";
import { join } from "node:path";

const infra = join(import.meta.dirname, "..", "..", "infra");

/** A resource as a snapshot has it. What only Azure knows is an expression in brackets. */
export interface DeployedResource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The committed snapshots: an ordinary deployment, and one with every option. */
export const snapshotNames = ["minimal", "private"] as const;
export type SnapshotName = (typeof snapshotNames)[number];

/** Returns the resources of a snapshot, or those of one type. */
export function deployed(name: SnapshotName, type?: string): DeployedResource[] {
  const { predictedResources } = JSON.parse(textOf(`snapshots/${name}.snapshot.json`)) as { predictedResources: DeployedResource[] };
  return predictedResources
    .filter((resource) => type === undefined || resource.type === type)
    .map((resource) => ({ ...resource, properties: resource.properties ?? {} }));
}

/** Returns the text of a file of `infra/`. */
export function textOf(path: string): string {
  return readFileSync(join(infra, path), "utf8");
}

/** Returns the only resource of a type in a snapshot. */
export function onlyDeployed(name: SnapshotName, type: string): DeployedResource {
  const [resource, ...more] = deployed(name, type);
  if (!resource || more.length > 0) throw new Error(`${name} has ${more.length + (resource ? 1 : 0)} resources of type ${type}, not one`);
  return resource;
}

/** Returns the app's settings in a snapshot. */
export function appSettingsOf(name: SnapshotName): Record<string, string> {
  const { siteConfig } = onlyDeployed(name, "Microsoft.Web/sites").properties;
  const { appSettings } = siteConfig as { appSettings: { name: string; value: string }[] };
  return Object.fromEntries(appSettings.map((setting) => [setting.name, setting.value]));
}

/**
 * Returns the scope of a role assignment or a setting, from its id or from the expression of it.
 * The environment's own subscription and group are left out.
 */
export function scopeOf({ id }: DeployedResource): string {
  const [, outer] = /^\[extensionResourceId\('([^']+)'/.exec(id) ?? [];
  const [, subscription, groupName] = /^\[resourceId\('([^']+)', '([^']+)'/.exec(id) ?? [];
  const [, alone] = /^\[subscriptionResourceId\('([^']+)'/.exec(id) ?? [];
  const group = subscription && `/subscriptions/${subscription}/resourceGroups/${groupName}`;
  const scope = outer ?? group ?? (alone ? `/subscriptions/${alone}` : id);
  const withoutGroup = scope.replace(/^\/subscriptions\/[-0a]+\/resourceGroups\/rg-(minimal|private)\/providers\//, "");
  // The names of the environment end with a hash.
  return withoutGroup.replace(/(-vpn|stvpn)-?[a-z0-9]{13}(?=\/|$)/, "$1");
}
