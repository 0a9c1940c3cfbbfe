/** A longer text is not searched. It counts as containing a key. */
const LONGEST_TEXT = 65_536;
/** The number of nested escapes that are undone. */
const MOST_ESCAPES = 4;
/** The number of nested encodings (base64, hex, lists of bytes) that are decoded. */
const MOST_ENCODINGS = 2;

/**
 * Returns a function that returns true if a text contains one of the keys, in any letter case and
 * in any of these spellings, also nested: escaped as in JSON, URLs, forms, HTML, XML or C; split by
 * white space or characters of zero width; as base64 (also inside longer base64), hex, a list of
 * bytes or UTF-16. The time is linear in the length of the text.
 */
export function keyFinderOf(keys: readonly string[]): (text: string) => boolean {
  const forms = keys.flatMap((key) => readingsOf(bytesOf(key))).filter((form) => form !== "");
  const folded = distinctOf(forms.map(foldedOf));
  const joined = distinctOf(forms.filter((form) => foldedOf(form) === "").map(joinedOf));
  const blank = forms.some((form) => joinedOf(form) === "");
  if (forms.length === 0) return () => false;
  const shortest = Math.min(...[...folded, ...joined, ...(blank ? [" "] : [])].map(({ length }) => length));
  const contains = (reading: string) => {
    const text = folded.length > 0 ? foldedOf(reading) : "";
    if (folded.some((form) => text.includes(form)) || (blank && /[ +]/.test(reading))) return true;
    return joined.length > 0 && joined.some((form) => joinedOf(reading).includes(form));
  };
  const search = (bytes: string, encodings: number): boolean =>
    readingsOf(bytes).some(
      (reading) => contains(reading) || (encodings > 0 && decodeRuns(reading, shortest).some((inner) => search(inner, encodings - 1))),
    );
  return (text) => text.length > LONGEST_TEXT || search(bytesOf(text), MOST_ENCODINGS);
}

/** Returns the text, then the text after each layer of escapes that is undone. */
function readingsOf(bytes: string): string[] {
  const readings = [bytes];
  for (let round = 0; round < MOST_ESCAPES; round++) {
    const last = readings[round] ?? "";
    const next = last.replaceAll(escapes, undoEscape);
    if (next === last) break;
    readings.push(next);
  }
  return readings;
}

/** One escape of any kind. The limits on repetitions keep the search linear. */
const escapes = new RegExp(
  [
    /%(?:25){0,16}(?<url>[0-9a-f]{2})/,
    /\\{1,16}u(?:(?<json>[0-9a-f]{4})|\{(?<braced>[0-9a-f]{1,6})\})/,
    /\\{1,16}x(?<c>[0-9a-f]{2})/,
    /\\(?<octal>[0-3][0-7]{2})/,
    /\\(?<sign>.)/,
    /&(?:amp;){0,16}#x0{0,8}(?<html>[0-9a-f]{1,6});?/,
    /&(?:amp;){0,16}#0{0,8}(?<decimal>\d{1,7});?/,
    /&(?:amp;){0,16}(?<name>[a-z]{2,12});/,
    /(?<joint>\]\]><!\[CDATA\[)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gis",
);

function undoEscape(match: string, ...rest: unknown[]): string {
  const found = rest.at(-1) as Partial<Record<string, string>>;
  const { url, json, braced, c, octal, sign, html, decimal, name } = found;
  const byte = url ?? c;
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  const code = json ?? braced ?? html;
  if (code !== undefined) return characterOf(Number.parseInt(code, 16));
  if (decimal !== undefined) return characterOf(Number(decimal));
  if (sign !== undefined) return whiteSpace.has(sign) ? " " : sign;
  if (name !== undefined) return signs.get(name.toLowerCase()) ?? match.replace(/^&amp;/i, "&");
  return "";
}

const whiteSpace = new Set(["n", "r", "t"]);

/**
 * The names of ASCII characters in HTML
 * (https://html.spec.whatwg.org/multipage/named-characters.html).
 */
const signs = new Map(
  Object.entries({
    "&": "amp",
    '"': "quot",
    "'": "apos",
    "<": "lt",
    ">": "gt",
    " ": "nbsp tab newline",
    "!": "excl",
    "#": "num",
    $: "dollar",
    "%": "percnt",
    "(": "lpar",
    ")": "rpar",
    "*": "ast midast",
    "+": "plus",
    ",": "comma",
    "-": "hyphen dash",
    ".": "period",
    "/": "sol",
    ":": "colon",
    ";": "semi",
    "=": "equals",
    "?": "quest",
    "@": "commat",
    "[": "lsqb lbrack",
    "\\": "bsol",
    "]": "rsqb rbrack",
    "^": "hat",
    _: "lowbar underbar",
    "`": "grave",
    "{": "lcub lbrace",
    "|": "verbar vert",
    "}": "rcub rbrace",
    "~": "tilde",
  }).flatMap(([sign, names]) => names.split(" ").map((name) => [name, sign] as const)),
);

/**
 * Decodes each run of characters that may be base64, hex or a list of bytes. A key may begin in the
 * middle of a run, so base64 is decoded from four positions and hex from two.
 */
function decodeRuns(reading: string, shortest: number): string[] {
  const packed = reading.replaceAll(/[\s\\]|\u00c2\u00ad|\u00e2\u0080[\u008b-\u008f]/g, "");
  const base64 = findRuns(packed, /[A-Za-z0-9+/_-]+/g, Math.ceil((shortest * 4) / 3)).flatMap((run) =>
    [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), "base64").toString("latin1")),
  );
  const digits = packed.replaceAll(/0x|[:,;_.|-]/gi, "");
  const hex = findRuns(digits, /[0-9a-f]+/gi, shortest * 2).flatMap((run) =>
    [0, 1].map((start) => Buffer.from(run.slice(start), "hex").toString("latin1")),
  );
  const lists = findRuns(reading, /\d{1,3}(?:[,;\s]{1,4}\d{1,3})*/g, shortest).map((run) =>
    run
      .split(/[,;\s]+/)
      .map((byte) => String.fromCharCode(Number(byte) & 0xff))
      .join(""),
  );
  return [...base64, ...hex, ...lists];
}

function findRuns(text: string, pattern: RegExp, shortest: number): string[] {
  return (text.match(pattern) ?? []).filter(({ length }) => length >= shortest);
}

/**
 * Returns a text in lower case, without the characters that may split a key: white space,
 * characters of zero width, and the zero bytes between ASCII characters in UTF-16.
 */
function joinedOf(bytes: string): string {
  return bytes.replaceAll(splits, "").toLowerCase();
}
const splits =
  /\u00c2[\u00a0\u00ad]|\u00e2\u0080[\u0080-\u008f\u00a8-\u00af]|\u00e2\u0081[\u009f-\u00af]|\u00e3\u0080\u0080|\u00ef\u00bb\u00bf|[\s\0]/g;

/**
 * Like `joinedOf`, and without backslashes, which nested escapes repeat, and without plus signs,
 * which stand for spaces in forms.
 */
function foldedOf(bytes: string): string {
  return joinedOf(bytes).replaceAll(/[\\+]/g, "");
}

const distinctOf = (forms: readonly string[]) => [...new Set(forms)].filter((form) => form !== "");

/** Each byte becomes one character. Texts are compared so because URLs and base64 encode bytes. */
const bytesOf = (text: string) => Buffer.from(text).toString("latin1");
const characterOf = (code: number) => (code <= 0x10ffff ? bytesOf(String.fromCodePoint(code)) : "");
