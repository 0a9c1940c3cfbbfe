import fc from "fast-check";

// Documents that are valid by a hair or wrong by one: a valid document with something changed
// somewhere.

type Json = Record<string, unknown>;
/** A place in a document: the names and indices that lead to it. */
export type Place = readonly string[];

/** Texts that judges may read in different ways. */
const texts = [
  // Astral characters count once in a pattern, halves of them are no characters, and a line end
  // ends a sloppy pattern too early.
  ...["", " ", "a", "\ud800", "a\udc00", "😀", "𝒳".repeat(128), "𝒳".repeat(129), "rg\n", "é", "Ⅷ", "\u2028", "\u00ad", "\ue000"],
  ...[64, 65, 80, 81, 90, 91, 128, 129].map((length) => "x".repeat(length)),
  ...["gw.", "-gw", "g-w_", "none", "Instance0", "1.0", "https://x", "HTTPS://x", "http://x", "x https://x", "https:/x"],
  ...["2026-02-29T00:00:00Z", "2024-02-29T23:59:59.123456Z", "2024-02-29T23:59:60Z", "2026-03-02t09:14:03z", "0000-01-01T00:00:00Z"],
  ...["2026-03-02T09:14:03+00:00", "2026-03-02T24:00:00Z", "2026-03-02T09:14Z", "2026-03-02", "2026-03-02T09:14:03z"],
];
const numbers = [
  0,
  -0,
  1,
  4,
  5,
  1440,
  1441,
  10_080,
  10_081,
  1.5,
  -1,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  5e-324,
  1e308,
];
const others = ["null", "true", "false", "{}", "[]", '["a"]', "[1]", '{"id":"x"}', '{"__proto__":1}', '{"sealed":"k1.x"}', '{"0":"a"}'].map(
  (text): unknown => JSON.parse(text),
);
const names = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "extra",
  "id",
  "name",
  "SharedKey",
  "psk",
  "keyVaultSecretUri",
  "sealed",
  "ticket",
  "data",
];

/** One change: a value in a place, another field beside it, or nothing any more. */
type Edit =
  | { readonly place: Place; readonly put: unknown }
  | { readonly place: Place; readonly name: string; readonly add: unknown }
  | { readonly place: Place; readonly remove: true };

/** Every place of a document. */
function placesOf(node: unknown, place: Place = []): Place[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [[...place, key], ...placesOf(value, [...place, key])]);
}

/**
 * Every document with one change, for a change of every kind in every place; `words` are tried like
 * the other texts.
 */
export function* everyEdit(original: object, words: readonly string[]): Generator<unknown> {
  const text = JSON.stringify(original);
  for (const place of placesOf(original)) {
    yield edited(text, [{ place, remove: true }]);
    for (const put of [...texts, ...words, ...numbers, ...others]) yield edited(text, [{ place, put }]);
    for (const name of names) yield edited(text, [{ place, name, add: "x" }]);
  }
}

/**
 * Documents with up to three changes; most put a value of the same type as was there, which has the
 * better chance to be valid.
 */
export function someEdits(originals: readonly object[], words: readonly string[]): fc.Arbitrary<unknown> {
  const known = originals.map((original) => ({ original: JSON.stringify(original), places: placesOf(original) }));
  const noise = fc.array(fc.constantFrom("a", "Z", "0", "_", "-", ".", " ", "\n", "\0", "é", "😀", "\ud83d", "\ude00"), { maxLength: 6 });
  const text = fc.oneof(
    fc.constantFrom(...texts, ...words),
    noise.map((units) => units.join("")),
  );
  const number = fc.constantFrom(...numbers);
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("remove", "add", "put", "alike", "alike", "alike"),
    name: fc.constantFrom(...names),
    value: fc.oneof(text, number, fc.constantFrom(...others)),
    text,
    number,
  });
  return fc.tuple(fc.constantFrom(...known), fc.array(change, { maxLength: 3 })).map(([{ original, places }, changes]) =>
    edited(
      original,
      changes.map(({ at, kind, name, value, text, number }): Edit => {
        const place = places[at % places.length] ?? [];
        if (kind === "remove") return { place, remove: true };
        if (kind === "add") return { place, name, add: value };
        const found = typeof valueAt(JSON.parse(original), place);
        return {
          place,
          put: kind === "put" ? value : found === "string" ? text : found === "number" ? number : found === "boolean" ? true : value,
        };
      }),
    ),
  );
}

/** A document of that text, changed; a change whose place is gone by then has no effect. */
function edited(text: string, edits: readonly Edit[]): unknown {
  const document: unknown = JSON.parse(text);
  for (const edit of edits) {
    const key = edit.place.at(-1) ?? "";
    const holder = valueAt(document, edit.place.slice(0, -1));
    if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) continue;
    // As JSON.parse does it, which makes a field even of `__proto__`.
    const set = (name: string, value: unknown) =>
      Object.defineProperty(holder, name, { value: structuredClone(value), enumerable: true, writable: true, configurable: true });
    if ("put" in edit) set(key, edit.put);
    else if ("remove" in edit) Array.isArray(holder) ? holder.splice(Number(key), 1) : Reflect.deleteProperty(holder, key);
    else if (!Array.isArray(holder)) set(edit.name, edit.add);
  }
  return document;
}

function valueAt(document: unknown, place: Place): unknown {
  return place.reduce<unknown>((node, step) => (typeof node === "object" && node !== null ? (node as Json)[step] : undefined), document);
}
