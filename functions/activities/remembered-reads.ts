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
  /** Returns how many reads have begun so far. */
  countBegun(): number;
  /**
   * Returns the remembered result for an id. Calls `readNow` if there is none. With `after`, only
   * reads that began after so many others count.
   */
  read(id: string, readNow: () => Promise<Read>, after?: number): Promise<KnownRead>;
}

/** A read that has begun: when, and how many had begun with it. */
interface Beginning {
  readonly beganAt: number;
  readonly number: number;
}

/**
 * Creates the memory of this process. It keeps a resource that exists and does not change, for 60 s
 * from the moment when its read began. Requests that need the same resource at the same time wait
 * for one read. If this read gives nothing that can be remembered, each of them makes its own: a
 * read that began before a request arrived may have missed what was created in between.
 */
export function rememberReads(now: () => Date): RememberedReads {
  const remembered = new Map<string, { readonly read: Read; readonly beginning: Beginning }>();
  const inProgress = new Map<string, { readonly reading: Promise<Read>; readonly beginning: Beginning }>();
  let begun = 0;

  function recall(key: string, after: number): KnownRead | undefined {
    const known = remembered.get(key);
    if (!known || known.beginning.number <= after) return undefined;
    const ageMs = now().getTime() - known.beginning.beganAt;
    // The clock of a machine may be set back.
    if (ageMs >= 0 && ageMs <= REMEMBERED_MS) return { ...known.read, ageSeconds: Math.floor(ageMs / 1000) };
    remembered.delete(key);
    return undefined;
  }

  function keep(key: string, beginning: Beginning, read: Read): void {
    // Of two reads at the same time, the one that began later counts.
    if ((remembered.get(key)?.beginning.number ?? 0) > beginning.number) return;
    remembered.delete(key);
    if (stateOf(provisioningStateOf(read.reading)) !== "Succeeded") return;
    if (key.length + JSON.stringify(read.reading).length > MOST_CHARACTERS) return;
    remembered.set(key, { read, beginning });
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size > MOST_RESOURCES) remembered.delete(oldest);
  }

  async function begin(key: string, readNow: () => Promise<Read>): Promise<Read> {
    const beginning: Beginning = { beganAt: now().getTime(), number: ++begun };
    const reading = readNow().then((read) => {
      keep(key, beginning, read);
      return read;
    });
    inProgress.set(key, { reading, beginning });
    try {
      return await reading;
    } finally {
      if (inProgress.get(key)?.reading === reading) inProgress.delete(key);
    }
  }

  return {
    countBegun: () => begun,
    async read(id, readNow, after = 0) {
      const key = id.toLowerCase();
      const known = recall(key, after);
      if (known) return known;
      const shared = inProgress.get(key);
      if (!shared || shared.beginning.number <= after) return begin(key, readNow);
      await shared.reading.catch(() => {});
      return recall(key, after) ?? begin(key, readNow);
    },
  };
}
