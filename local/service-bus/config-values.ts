/** An object of a configuration. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Creates readers for the values of a configuration file. Each one throws a sentence with the place
 * if it does not accept the value.
 */
export function createValueReaders(file: string) {
  const refuse = (place: string, what: string): never => {
    throw new Error(`${file}: ${place} ${what}`);
  };
  return {
    refuse,
    readObject(value: unknown, place: string, known: readonly string[]): Json {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(place, "must be an object.");
      for (const name of Object.keys(value))
        if (!known.includes(name)) refuse(`${place}/${name}`, `is not known; ${place || "the file"} may have ${known.join(", ")}.`);
      return value as Json;
    },
    /** Objects with names. Two names must not be equal without case. */
    readEntities(value: unknown, place: string): { readonly given: unknown; readonly place: string }[] {
      if (value === undefined) return [];
      if (!Array.isArray(value)) return refuse(place, "must be an array.");
      const names = value.map((each: { Name?: unknown } | null) => String(each?.Name).toLowerCase());
      const repeated = names.findIndex((name, index) => names.indexOf(name) < index);
      if (repeated >= 0) refuse(`${place}/${repeated}/Name`, `is taken: ${names[repeated]}.`);
      return value.map((given, index) => ({ given, place: `${place}/${index}` }));
    },
    readName: (value: unknown, place: string): string =>
      typeof value === "string" && /^[A-Za-z0-9]([\w\-./]*[A-Za-z0-9])?$/.test(value)
        ? value
        : refuse(place, "must be a name of letters, digits, `-`, `_`, `.` and `/`."),
    readFlag: (value: unknown, place: string): boolean =>
      typeof value === "boolean" || value === undefined ? value === true : refuse(place, "must be true or false."),
    readInteger: (value: unknown, fallback: number, most: number, place: string): number => {
      const number = value ?? fallback;
      if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= most) return number;
      return refuse(place, `must be an integer from 1 to ${most}.`);
    },
    readDuration(value: unknown, fallback: string, most: string, place: string): number {
      const milliseconds = durationMs(value ?? fallback);
      if (!milliseconds) return refuse(place, "must be a duration such as PT1M.");
      return milliseconds <= (durationMs(most) ?? 0) ? milliseconds : refuse(place, `must be ${most} at most.`);
    },
  };
}

/** Returns the milliseconds of an ISO 8601 duration of days, hours, minutes and seconds. */
function durationMs(value: unknown): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(String(value));
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
