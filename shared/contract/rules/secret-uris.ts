import { findSecretUriFault } from "../../secrets/secret-uri-fault.ts";
import { docs, type Rule, tunnelsOf } from "./rule.ts";

/**
 * The form of references to Key Vault. Whether they may be used is decided by settings of the app.
 */
export const secretUriRules: readonly Rule[] = [
  {
    code: "SecretUriForm",
    severity: "error",
    says: "`keyVaultSecretUri` is `https://`, the host of a vault, `/secrets/`, the name of a secret, and a version or none.",
    source: `${docs}/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name`,
    check: (data) =>
      tunnelsOf(data).flatMap(({ at, tunnel: { sharedKey } }) => {
        const uri = sharedKey && "keyVaultSecretUri" in sharedKey ? sharedKey.keyVaultSecretUri : undefined;
        const fault = uri === undefined ? undefined : findSecretUriFault(uri);
        return fault === undefined ? [] : [{ at: [...at, "sharedKey", "keyVaultSecretUri"], message: `keyVaultSecretUri ${fault}` }];
      }),
  },
];
