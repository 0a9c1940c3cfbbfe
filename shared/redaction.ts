/** Shorter secrets are removed by field name only: replacing them by value would tear holes into ordinary words. */
const SHORTEST_BY_VALUE = 8;
const REDACTED = "[redacted]";

/** Whether a field holds a secret, by its name, whatever its case and separators. */
export function isSecretField(name: string): boolean {
  return ["sharedkey", "presharedkey", "psk"].includes(name.toLowerCase().replaceAll(/[-_]/g, ""));
}

/** Leaves out every field whose name says that it holds a secret; all else is kept, unknown fields too. */
export function withoutSecretFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretFields);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !isSecretField(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutSecretFields(field)]));
}

/** Replaces every occurrence of the given secrets in all strings and names of a value, also where JSON text escapes them. */
export function withoutSecretValues<T>(value: T, secrets: readonly string[]): T {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_BY_VALUE)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  if (forms.length === 0) return value;
  const clean = (text: string) => forms.reduce((cleaned, form) => cleaned.replaceAll(form, REDACTED), text);
  const walk = (node: unknown): unknown => {
    if (typeof node === "string") return clean(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, field]) => [clean(name), walk(field)]));
  };
  return walk(value) as T;
}
