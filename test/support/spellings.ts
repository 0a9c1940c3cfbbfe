/** How other texts write a text that they quote. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  json: (text) => JSON.stringify(text).slice(1, -1),
  jsonWithSlashes: (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  // The default of System.Text.Json (https://learn.microsoft.com/en-us/dotnet/standard/serialization/system-text-json/character-encoding).
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

const names = { '"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt" };
const hex = (sign: string) => sign.charCodeAt(0).toString(16);

/** A text in each spelling, and in each spelling of each spelling. */
export function everySpellingOf(text: string): string[] {
  const once = [text, ...Object.values(spellings).map((spell) => spell(text))];
  return [...new Set([...once, ...once.flatMap((spelt) => Object.values(spellings).map((spell) => spell(spelt)))])];
}
