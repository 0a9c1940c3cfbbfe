/**
 * One fault: which requests it is for, how many of them, and what happens instead of the ordinary
 * response or besides it.
 */
export interface Fault {
  /**
   * The name of a connection, or of the resource for a `check`. `*` means all. Not needed if
   * `request` is given.
   */
  readonly connection?: string;
  /**
   * A `check` reads a gateway, a site, a hub or any other resource that is not a connection. Not
   * needed if `request` is given.
   */
  readonly on?: "put" | "get" | "poll" | "delete" | "check";
  /** The number of the request: 1 is the first one since the start, as in `GET /local/requests`. */
  readonly request?: number;
  /** How many requests it is for (default 1), or `always`. */
  readonly times?: number | "always";
  /** How many matching requests pass before it begins. */
  readonly after?: number;
  /** Sends this response and does nothing else. A string body is sent as it is. */
  readonly respond?: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };
  /**
   * Breaks the connection: before anything is done, after everything is done, or in the middle of
   * the response.
   */
  readonly reset?: "before" | "during" | "after";
  /** Delays the response, in seconds of the clock. */
  readonly delaySeconds?: number;
  /**
   * Makes the gateway busy with another operation for some seconds of the clock. The PUT is
   * refused, and the response names that operation.
   */
  readonly busySeconds?: number;
  /**
   * How the operation of a PUT ends, after how many seconds, and for how many seconds more the
   * connection still looks unfinished.
   */
  readonly operation?: {
    readonly end?: "Succeeded" | "Failed" | "Canceled";
    readonly error?: unknown;
    readonly seconds?: number;
    readonly lagSeconds?: number;
  };
  /** Shows another provisioning state of the connection, or of its links. */
  readonly shows?: Shows;
  /** Another status for the ordinary response. */
  readonly status?: number;
  /**
   * Headers to set on the response; null removes one. `{endpoint}`, `{operation}` and `{result}`
   * are replaced by URLs, see `withHeaders`.
   */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Shows pre-shared keys in the ordinary response, as old api-versions did. */
  readonly echoSharedKey?: boolean;
}

/** Provisioning states that a response shows instead of the true ones. */
export interface Shows {
  readonly connection?: string;
  readonly links?: string;
}

const kinds = ["put", "get", "poll", "delete", "check"];
const fields = [
  ...["connection", "on", "request", "times", "after", "respond", "reset", "delaySeconds", "busySeconds", "operation", "shows"],
  ...["status", "headers", "echoSharedKey"],
];

/** The parts that these fields of a fault may have. */
const parts = {
  respond: ["status", "headers", "body"],
  operation: ["end", "error", "seconds", "lagSeconds"],
  shows: ["connection", "links"],
};
const numbers = ["delaySeconds", "busySeconds", "status"] as const;
const resets = ["before", "during", "after"];

const counts = {
  times: { least: 1, words: 'a whole number from 1 on, or "always"' },
  after: { least: 0, words: "a whole number from 0 on" },
};

/**
 * Creates the fault script of a simulator. The first fault that matches and is not used up applies.
 */
export function createFaults() {
  let script: { fault: Fault; left: number; after: number }[] = [];
  return {
    /** Adds faults, all of them or none. Throws a sentence if one is wrong. */
    add(...faults: readonly Fault[]) {
      for (const fault of faults) checkFault(fault);
      for (const fault of faults)
        script.push({ fault, left: fault.times === "always" ? Number.POSITIVE_INFINITY : (fault.times ?? 1), after: fault.after ?? 0 });
    },
    clear() {
      script = [];
    },
    /** Returns the fault for a request, if there is one, and counts its use. */
    take(name: string, on: NonNullable<Fault["on"]>, number = 0): Fault | undefined {
      const fits = ({ connection = "*", on: kind = on, request = number }: Fault) =>
        kind === on && request === number && (connection === "*" || connection.toLowerCase() === name.toLowerCase());
      for (const entry of script.filter(({ fault, left }) => left > 0 && fits(fault))) {
        if (entry.after > 0) {
          entry.after--;
          continue;
        }
        entry.left--;
        return entry.fault;
      }
      return undefined;
    },
  };
}

function checkFault(fault: Fault): void {
  if (typeof fault !== "object" || fault === null) throw new Error("A fault is an object.");
  const unknown = Object.keys(fault).filter((name) => !fields.includes(name));
  if (unknown.length > 0) throw new Error(`A fault has no field ${unknown.join(", ")}; it has ${fields.join(", ")}.`);
  const numbered = fault.request !== undefined;
  if (numbered && !(Number.isInteger(fault.request) && Number(fault.request) > 0))
    throw new Error("The number of a request is counted from 1.");
  if (typeof fault.connection !== "string" && !(numbered && fault.connection === undefined))
    throw new Error('A fault names a connection, or "*", or the number of a request.');
  if (!kinds.includes(String(fault.on)) && !(numbered && fault.on === undefined))
    throw new Error(`A fault is \`on\` ${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}.`);
  for (const [name, { least, words }] of Object.entries(counts)) {
    const count = fault[name as keyof typeof counts];
    const fits = count === undefined || (count === "always" && name === "times") || (Number.isInteger(count) && Number(count) >= least);
    if (!fits) throw new Error(`\`${name}\` of a fault is ${words}.`);
  }
  for (const [name, known] of Object.entries(parts)) {
    const strange = Object.keys(fault[name as keyof typeof parts] ?? {}).filter((part) => !known.includes(part));
    if (strange.length > 0) throw new Error(`\`${name}\` of a fault has no field ${strange.join(", ")}; it has ${known.join(", ")}.`);
  }
  if (fault.respond && !Number.isInteger(fault.respond.status)) throw new Error("`respond` of a fault has a `status`, a whole number.");
  if (fault.reset !== undefined && !resets.includes(fault.reset)) throw new Error(`\`reset\` of a fault is one of ${resets.join(", ")}.`);
  for (const name of numbers)
    if (fault[name] !== undefined && typeof fault[name] !== "number") throw new Error(`\`${name}\` of a fault is a number.`);
}
