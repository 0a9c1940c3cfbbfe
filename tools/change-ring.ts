import type { RingVersion, SealingKeyVault } from "../azure/sealing-key-vault.ts";
import { WrongUse } from "./command-line.ts";
import { readRing, type SealingRing } from "./sealing-ring.ts";

/**
 * Changes the sealing keys in a vault. `change` gets the ring and the number of versions so far; if
 * it returns undefined, nothing is written. Key Vault has no condition for a write, so the versions
 * are compared before and after it. Throws a sentence if another writer was there meanwhile.
 */
export async function changeRing(
  vault: SealingKeyVault,
  change: (ring: SealingRing, versions: number) => Promise<SealingRing | undefined> | SealingRing | undefined,
): Promise<void> {
  const known = new Set(await vault.listVersions());
  const before = await vault.readNewest();
  known.add(before.version);
  const changed = await change(readRing(before.value), known.size);
  if (changed === undefined) return;
  const now: RingVersion = await vault.readNewest();
  if (now.version !== before.version)
    throw new WrongUse(
      "The sealing keys were changed meanwhile by another operator. Nothing was written: look at them (list), and try again.",
    );
  const written = await vault.write(JSON.stringify(changed));
  const others = (await vault.listVersions()).filter((version) => version !== written && !known.has(version));
  if (others.length > 0)
    throw new WrongUse(
      `The sealing keys were changed by another operator at the same moment (version ${others.join(", ")} of the secret). One of the two changes is lost: look at them (list), and repeat what is missing.`,
    );
}
