/** A longer text is not searched: it counts as one that contains a key. */
const LONGEST_TEXT = 65_536;
/** Escapes inside each other are undone this often. */
const MOST_ESCAPES = 4;
/** Base64, hex and lists of bytes inside each other are decoded this often. */
const MOST_ENCODINGS = 2;

/**
 * Returns a function that says whether a text contains one of the keys, in any letter case and however it is written: escaped as JSON, URLs, forms, HTML,
 * XML or C write it, split by white space or characters without a width, as base64 (also a part of a longer one), as hex, as a list of bytes, as UTF-16,
 * and several of these inside each other. The time is linear in the length of the text.
 */
export function keyFinderOf(keys: readonly string[]): (text: string) => boolean {
  const looks = keys.flatMap((key) => readingsOf(bytesOf(key))).filter((look) => look !== "");
  const folded = unique(looks.map(foldedOf));
  const joined = unique(looks.filter((look) => foldedOf(look) === "").map(joinedOf));
  const blank = looks.some((look) => joinedOf(look) === "");
  if (looks.length === 0) return () => false;
  const shortest = Math.min(...[...folded, ...joined, ...(blank ? [" "] : [])].map(({ length }) => length));
  const contains = (reading: string) => {
    const text = folded.length > 0 ? foldedOf(reading) : "";
    if (folded.some((look) => text.includes(look)) || (blank && /[ +]/.test(reading))) return true;
    return joined.length > 0 && joined.some((look) => joinedOf(reading).includes(look));
  };
  const search = (bytes: string, encodings: number): boolean =>
    readingsOf(bytes).some(
      (reading) => contains(reading) || (encodings > 0 && decodedFrom(reading, shortest).some((inner) => search(inner, encodings - 1))),
    );
  return (text) => text.length > LONGEST_TEXT || search(bytesOf(text), MOST_ENCODINGS);
}

/** A text, and the text after each round in which one layer of escapes is undone. */
function readingsOf(bytes: string): string[] {
  const readings = [bytes];
  for (let round = 0; round < MOST_ESCAPES; round++) {
    const last = readings[round] ?? "";
    const next = last.replaceAll(escapes, undone);
    if (next === last) break;
    readings.push(next);
  }
  return readings;
}

/** The bounds on repetitions keep the search linear. */
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

function undone(match: string, ...rest: unknown[]): string {
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

/** Named characters of HTML (https://html.spec.whatwg.org/multipage/named-characters.html) for the signs of ASCII. */
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

/** What a text holds encoded: each run that may be base64, hex or a list of bytes, read from every place where it may begin. */
function decodedFrom(reading: string, shortest: number): string[] {
  const packed = reading.replaceAll(/[\s\\]|\u00c2\u00ad|\u00e2\u0080[\u008b-\u008f]/g, "");
  const base64 = runsOf(packed, /[A-Za-z0-9+/_-]+/g, Math.ceil((shortest * 4) / 3)).flatMap((run) =>
    [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), "base64").toString("latin1")),
  );
  const digits = packed.replaceAll(/0x|[:,;_.|-]/gi, "");
  const hex = runsOf(digits, /[0-9a-f]+/gi, shortest * 2).flatMap((run) =>
    [0, 1].map((start) => Buffer.from(run.slice(start), "hex").toString("latin1")),
  );
  const lists = runsOf(reading, /\d{1,3}(?:[,;\s]{1,4}\d{1,3})*/g, shortest).map((run) =>
    run
      .split(/[,;\s]+/)
      .map((byte) => String.fromCharCode(Number(byte) & 0xff))
      .join(""),
  );
  return [...base64, ...hex, ...lists];
}

function runsOf(text: string, pattern: RegExp, shortest: number): string[] {
  return (text.match(pattern) ?? []).filter(({ length }) => length >= shortest);
}

/** A text without letter case and without all that may split a key; zero bytes too, which UTF-16 has between ASCII characters. */
function joinedOf(bytes: string): string {
  return bytes.replaceAll(splits, "").toLowerCase();
}
const splits =
  /\u00c2[\u00a0\u00ad]|\u00e2\u0080[\u0080-\u008f\u00a8-\u00af]|\u00e2\u0081[\u009f-\u00af]|\u00e3\u0080\u0080|\u00ef\u00bb\u00bf|[\s\0]/g;

/** The same without backslashes, of which escapes have any number, and without plus signs, which forms write for spaces. */
function foldedOf(bytes: string): string {
  return joinedOf(bytes).replaceAll(/[\\+]/g, "");
}

const unique = (looks: readonly string[]) => [...new Set(looks)].filter((look) => look !== "");

/** Texts are compared as bytes, one a character, because URLs and base64 write bytes. */
const bytesOf = (text: string) => Buffer.from(text).toString("latin1");
const characterOf = (code: number) => (code <= 0x10ffff ? bytesOf(String.fromCodePoint(code)) : "");
