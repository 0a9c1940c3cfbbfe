import type { Reading } from "../../shared/arm/preflight.ts";
import { provisioningStateOf, stateOf } from "../../shared/arm/response.ts";

const REMEMBERED_MS = 60_000;
/** With `MOST_CHARACTERS` this bounds the memory to 8 MB. */
const MOST_RESOURCES = 2_000;
/** Of the id and of the part that is kept. A site with four links has about 1,500. */
const MOST_CHARACTERS = 4_000;

/** The result of a read, and the id of the read in Azure's logs. */
export interface Read {
  readonly reading: Reading;
  readonly clientRequestId: string;
}

/** The result of a read. It has an age if another request made the read, or an earlier try. */
export interface KnownRead extends Read {
  readonly ageSeconds?: number;
}

/** The reads of resources that many requests name. */
export interface RememberedReads {
  /** Returns the remembered result for an id. Calls `readNow` if there is none. */
  read(id: string, readNow: () => Promise<Read>): Promise<KnownRead>;
  /** Calls `readNow`, whatever is remembered, and remembers its result instead. */
  readAgain(id: string, readNow: () => Promise<Read>): Promise<KnownRead>;
}

/**
 * Creates the memory of this process. It keeps a resource that exists and does not change, for 60 s
 * from the moment when its read began. Requests that need the same resource at the same time wait
 * for one read. If this read gives nothing that can be remembered, each of them makes its own: a
 * read that began before a request arrived may have missed what was created in between.
 */
export function rememberReads(now: () => Date): RememberedReads {
  const remembered = new Map<string, Read & { readonly beganAt: number }>();
  const inProgress = new Map<string, Promise<Read>>();

  function recall(key: string): KnownRead | undefined {
    const known = remembered.get(key);
    if (!known) return undefined;
    const { beganAt, ...read } = known;
    const ageMs = now().getTime() - beganAt;
    // The clock of a machine may be set back.
    if (ageMs >= 0 && ageMs <= REMEMBERED_MS) return { ...read, ageSeconds: Math.floor(ageMs / 1000) };
    remembered.delete(key);
    return undefined;
  }

  function keep(key: string, beganAt: number, read: Read): void {
    // Of two reads at the same time, the one that began later counts.
    if ((remembered.get(key)?.beganAt ?? beganAt) > beganAt) return;
    remembered.delete(key);
    if (stateOf(provisioningStateOf(read.reading)) !== "Succeeded") return;
    if (key.length + JSON.stringify(read.reading).length > MOST_CHARACTERS) return;
    remembered.set(key, { ...read, beganAt });
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size > MOST_RESOURCES) remembered.delete(oldest);
  }

  async function readAgain(id: string, readNow: () => Promise<Read>): Promise<Read> {
    const key = id.toLowerCase();
    const beganAt = now().getTime();
    const reading = readNow().then((read) => {
      keep(key, beganAt, read);
      return read;
    });
    inProgress.set(key, reading);
    try {
      return await reading;
    } finally {
      if (inProgress.get(key) === reading) inProgress.delete(key);
    }
  }

  return {
    async read(id, readNow) {
      const key = id.toLowerCase();
      const known = recall(key);
      if (known) return known;
      const shared = inProgress.get(key);
      if (!shared) return readAgain(id, readNow);
      await shared.catch(() => {});
      return recall(key) ?? readAgain(id, readNow);
    },
    readAgain,
  };
}
