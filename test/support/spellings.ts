/** How other texts write a text that they quote. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  json: (text) => JSON.stringify(text).slice(1, -1),
  jsonWithSlashes: (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  // The default of System.Text.Json
  // (https://learn.microsoft.com/en-us/dotnet/standard/serialization/system-text-json/character-encoding).
  dotNetJson: (text) =>
    [...text].map((sign) => (/["&'+<>`]/.test(sign) ? `\\u00${hex(sign).toUpperCase()}` : JSON.stringify(sign).slice(1, -1))).join(""),
  url: encodeURIComponent,
  urlStrict: (text) => encodeURIComponent(text).replaceAll(/[!'()*~]/g, (sign) => `%${hex(sign)}`),
  urlLoose: encodeURI,
  form: (text) => String(new URLSearchParams({ "": text })).slice(1),
  html: (text) => text.replaceAll(/["&'<>]/g, (sign) => `&${names[sign as keyof typeof names]};`),
  htmlNumbers: (text) => text.replaceAll(/["&'<>]/g, (sign) => `&#${sign.charCodeAt(0)};`),
  htmlHex: (text) => text.replaceAll(/["&'<>]/g, (sign) => `&#x${hex(sign)};`),
};

/** How a text can be written so that hardly a character of it is left as it was. */
export const disguises: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  singleQuotes: (text) => `sharedKey='${text}'`,
  xml: (text) => `<sharedKey>${spelt("html", text)}</sharedKey>`,
  cdata: (text) => `<sharedKey><![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]></sharedKey>`,
  jsonTwice: (text) => spelt("json", spelt("json", text)),
  jsonEveryCharacter: (text) => each(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
  urlEveryCharacter: (text) => each(text, (code) => `%${code.toString(16).padStart(2, "0")}`),
  urlUpperTwice: (text) => encodeURIComponent(each(text, (code) => `%${code.toString(16).padStart(2, "0").toUpperCase()}`)),
  htmlEveryCharacter: (text) => each(text, (code) => `&#${code};`),
  htmlHexTwice: (text) => each(text, (code) => `&amp;#X${code.toString(16)};`),
  c: (text) => each(text, (code) => `\\x${code.toString(16).padStart(2, "0")}`),
  octal: (text) => each(text, (code) => `\\${code.toString(8).padStart(3, "0")}`),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  otherCase: (text) => [...text].map((sign, at) => (at % 2 ? sign.toUpperCase() : sign.toLowerCase())).join(""),
  base64: (text) => Buffer.from(text).toString("base64"),
  base64WithoutPadding: (text) => Buffer.from(text).toString("base64").replaceAll("=", ""),
  base64Inside0: (text) => Buffer.from(JSON.stringify({ sharedKey: text })).toString("base64"),
  base64Inside1: (text) => Buffer.from(JSON.stringify({ a: 1, sharedKey: text, b: 2 })).toString("base64"),
  base64Inside2: (text) => `body=/${Buffer.from(JSON.stringify({ aa: 11, sharedKey: text, b: 2 })).toString("base64")}`,
  base64Url: (text) => Buffer.from(`??>>~~${text}??>>`).toString("base64url"),
  base64Lines: (text) =>
    (
      Buffer.from(`a line before ${text} and after`)
        .toString("base64")
        .match(/.{1,16}/g) ?? []
    ).join("\r\n"),
  base64Twice: (text) => Buffer.from(Buffer.from(`x${text}`).toString("base64")).toString("base64"),
  base64InUrl: (text) => encodeURIComponent(Buffer.from(`x${text}`).toString("base64")),
  utf16Base64: (text) => Buffer.from(text, "utf16le").toString("base64"),
  hex: (text) => Buffer.from(text).toString("hex"),
  hexUpper: (text) => Buffer.from(text).toString("hex").toUpperCase(),
  hexWithSpaces: (text) => (Buffer.from(text).toString("hex").match(/../g) ?? []).join(" "),
  hexWithColons: (text) => (Buffer.from(text).toString("hex").match(/../g) ?? []).join(":"),
  hexWithPrefixes: (text) => (Buffer.from(text).toString("hex").match(/../g) ?? []).map((byte) => `0x${byte}`).join(", "),
  bytes: (text) => `[${[...Buffer.from(text)].join(",")}]`,
  zeroWidth: (text) => [...text].join("\u200b"),
  softHyphen: (text) => [...text].join("\u00ad"),
  spaces: (text) => [...text].join(" "),
  lines: (text) => [...text].join("\n"),
  escapedLines: (text) => JSON.stringify([...text].join("\r\n")).slice(1, -1),
};

const names = { '"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt" };
const hex = (sign: string) => sign.charCodeAt(0).toString(16);
const spelt = (name: string, text: string) => spellings[name]?.(text) ?? "";
const each = (text: string, write: (code: number) => string) => [...text].map((sign) => write(sign.charCodeAt(0))).join("");

/** A text in each spelling, and in each spelling of each spelling. */
export function everySpellingOf(text: string): string[] {
  const once = [text, ...Object.values(spellings).map((spell) => spell(text))];
  return [...new Set([...once, ...once.flatMap((spelt) => Object.values(spellings).map((spell) => spell(spelt)))])];
}
