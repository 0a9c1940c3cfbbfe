import { broken, type Rule, tunnelsOf } from "./rule.ts";

/** What the contract has and this version does not carry out: refused by name, because nothing would come of it. */
export const notYetRules: readonly Rule[] = [
  {
    code: "NotSupported",
    severity: "error",
    says: "`mode` is `apply`: the mode `plan` is not supported yet.",
    source: "README.md#limits",
    check: ({ mode }) => broken(mode === "plan", ["mode"], 'Expected "apply"; found "plan", which is not supported yet.'),
  },
  {
    code: "NotSupported",
    severity: "error",
    says: "Keys are sent inline: keys from Key Vault are not supported yet.",
    source: "README.md#limits",
    check: (data) =>
      tunnelsOf(data)
        .filter(({ tunnel: { sharedKey } }) => sharedKey !== undefined && "keyVaultSecretUri" in sharedKey)
        .map(({ at }) => ({
          at: [...at, "sharedKey"],
          message: "Expected the key inline, where it is sealed on arrival; found a reference to Key Vault, which is not supported yet.",
        })),
  },
];
