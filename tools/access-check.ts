import { findHostFault, findNameFault, findSecretFaults } from "../shared/access/allowed-secrets.ts";
import { findTargetProblem } from "../shared/access/targets.ts";
import type { Finding } from "../shared/contract/finding.ts";
import { targetSchema } from "../shared/contract/request.ts";
import { field } from "../shared/json/field.ts";
import { type AccessSettingName, type AccessSettings, accessSettingNames } from "../shared/settings.ts";

/** What the app's settings say about a request, as far as they are known here. */
export interface AccessVerdict {
  readonly findings: readonly Finding[];
  /** The settings that decide more about this request, but could not be applied. */
  readonly notChecked: readonly AccessSettingName[];
}

/**
 * Judges whether a source may change the target of a request and use its secrets. A setting that is
 * not known is not judged. `source` is null if the file does not say it.
 */
export function judgeAccess(data: unknown, source: string | null, known: AccessSettings): AccessVerdict {
  const { ALLOWED_TARGETS: targets, KEY_VAULT_ALLOWED_HOSTS: hosts, KEY_VAULT_ALLOWED_SECRETS: secrets } = known;
  const notChecked = new Set<AccessSettingName>();
  const findings = findSecretFaults(data, (secret) => {
    if (!hosts) notChecked.add("KEY_VAULT_ALLOWED_HOSTS");
    if (!secrets) notChecked.add("KEY_VAULT_ALLOWED_SECRETS");
    return (hosts && findHostFault(secret, hosts)) ?? (secrets && findNameFault(secret, secrets));
  });
  const { data: target } = targetSchema.safeParse(field(data, "target"));
  if (!targets || source === null) notChecked.add("ALLOWED_TARGETS");
  else {
    const foreign = target && findTargetProblem(source, target, targets);
    if (foreign) {
      const { code, message, actor, target: place = "" } = foreign;
      findings.push({ code, severity: "error", target: place, message, actor });
    }
  }
  return { findings, notChecked: accessSettingNames.filter((name) => notChecked.has(name)) };
}

const subjects: Readonly<Record<AccessSettingName, string>> = {
  ALLOWED_TARGETS: "which gateways the source may change",
  KEY_VAULT_ALLOWED_HOSTS: "which vaults a key may come from",
  KEY_VAULT_ALLOWED_SECRETS: "which secrets may be a key",
};

/** Returns the line that says what was not checked and why, or undefined if there is nothing. */
export function describeNotChecked(names: ReadonlySet<AccessSettingName>, known: AccessSettings): string | undefined {
  const parts = accessSettingNames
    .filter((name) => names.has(name))
    .map((name) => `${subjects[name]} (${known[name] ? "a body alone names no source" : `${name} is not set`})`);
  return parts.length === 0 ? undefined : `Not checked: ${parts.join(", ")}.`;
}
