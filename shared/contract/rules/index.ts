import { type Finding, jsonPointer, MAX_FINDINGS } from "../finding.ts";
import { bgpRules } from "./bgp.ts";
import { ipsecRules } from "./ipsec.ts";
import { linkRules } from "./links.ts";
import { natRules } from "./nat.ts";
import { rangeRules } from "./ranges.ts";
import { resourceIdRules } from "./resource-ids.ts";
import { routingRules } from "./routing.ts";
import type { RequestData, Rule } from "./rule.ts";
import { secretUriRules } from "./secret-uris.ts";
import { selectorFamilyRules } from "./selector-families.ts";
import { selectorRules } from "./selectors.ts";
import { sharedKeyRules } from "./shared-key.ts";
import { targetRules } from "./target.ts";

/** Every rule about several fields, by subject. */
export const rules: readonly Rule[] = [
  ...targetRules,
  ...resourceIdRules,
  ...linkRules,
  ...rangeRules,
  ...sharedKeyRules,
  ...secretUriRules,
  ...ipsecRules,
  ...selectorRules,
  ...selectorFamilyRules,
  ...bgpRules,
  ...natRules,
  ...routingRules,
];

/**
 * Applies every rule to the valid fields of a request. A warning whose code is in `raised` counts
 * as an error. The findings of one rule are listed up to a maximum, and the others are counted.
 */
export function ruleFindings(data: RequestData, raised: readonly string[]): { findings: Finding[]; unlisted: number } {
  let unlisted = 0;
  const findings = rules.flatMap(({ code, severity, source, check }) => {
    const breaches = check(data);
    unlisted += Math.max(breaches.length - MAX_FINDINGS, 0);
    return breaches.slice(0, MAX_FINDINGS).map(
      ({ at, message }): Finding => ({
        code,
        severity: raised.includes(code) ? "error" : severity,
        target: jsonPointer(at),
        message,
        source,
        actor: "requester",
      }),
    );
  });
  return { findings, unlisted };
}
