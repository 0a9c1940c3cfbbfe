/** One fault: which requests it is for, how often, and what happens instead of, or besides, the ordinary answer. */
export interface Fault {
  /** A connection's name; `*` for all. */
  readonly connection: string;
  readonly on: "put" | "get" | "poll" | "delete";
  /** How many requests it is for (default 1); `always` for all. */
  readonly times?: number | "always";
  /** How many fitting requests pass before it begins. */
  readonly after?: number;
  /** Answers this and does nothing else. A string body goes out as it is. */
  readonly respond?: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };
  /** Breaks the connection, before anything is done or after all of it is. */
  readonly reset?: "before" | "after";
  /** Holds the answer back, in seconds of the clock. */
  readonly delaySeconds?: number;
  /** How the operation that a PUT begins will end, and after how long. */
  readonly operation?: { readonly end?: "Succeeded" | "Failed" | "Canceled"; readonly error?: unknown; readonly seconds?: number };
  /** Headers to set on the ordinary answer, or to leave out with null; `{endpoint}` stands for this endpoint. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Shows keys in the ordinary answer, as old api-versions did. */
  readonly echoSharedKey?: boolean;
}

const fields = ["connection", "on", "times", "after", "respond", "reset", "delaySeconds", "operation", "headers", "echoSharedKey"];

/** The fault script of a simulator: the first fault in order that fits and is not used up is taken. */
export function createFaults() {
  let script: { fault: Fault; left: number; after: number }[] = [];
  return {
    /** Adds a fault. Throws a sentence for one that it does not understand. */
    add(fault: Fault) {
      const unknown = Object.keys(fault).filter((name) => !fields.includes(name));
      if (unknown.length > 0) throw new Error(`A fault has no field ${unknown.join(", ")}; it has ${fields.join(", ")}.`);
      if (typeof fault.connection !== "string") throw new Error('A fault names a connection, or "*".');
      if (!["put", "get", "poll", "delete"].includes(fault.on)) throw new Error("A fault is `on` put, get, poll or delete.");
      script.push({ fault, left: fault.times === "always" ? Number.POSITIVE_INFINITY : (fault.times ?? 1), after: fault.after ?? 0 });
    },
    clear() {
      script = [];
    },
    /** Takes the fault for a request, if there is one. */
    take(connection: string, on: Fault["on"]): Fault | undefined {
      const fitting = script.filter(
        ({ fault, left }) =>
          left > 0 && fault.on === on && (fault.connection === "*" || fault.connection.toLowerCase() === connection.toLowerCase()),
      );
      for (const entry of fitting) {
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
