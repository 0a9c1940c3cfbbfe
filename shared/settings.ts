import * as z from "zod";
import type { KeyRing } from "./key-ring.ts";
import { policySchema } from "./policy.ts";
import { vaultHostOf } from "./secret-uri.ts";

const url = z.url({ protocol: /^https$/, error: "Expected an https URL" }).transform((text) => new URL(text).origin);

const keys = z.record(
  z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
  z.base64().refine((text) => atob(text).length === 32, { error: "Expected keys of 32 bytes in base64" }),
);
const keyRing = jsonText(
  keys.refine((ring) => Object.keys(ring).length > 0, { error: "Expected at least one key" }),
  "Expected a JSON object of key id to base64 key",
);

/** Hosts, separated by commas, as the URIs of secrets have them. */
const vaultHosts = z.string().transform((text, context): readonly string[] => {
  const hosts = text.split(",").map((entry) => vaultHostOf(entry.trim()));
  if (hosts.every((host) => host !== undefined)) return [...new Set(hosts)];
  const message = "Expected host names separated by commas, such as myvault.vault.azure.net; no URLs, no wildcards";
  context.issues.push({ code: "custom", message, input: text });
  return z.NEVER;
});

/** Every setting of the app, by the names of the contract. */
const fields = {
  ServiceBus: z.string().min(1).optional(),
  ServiceBus__fullyQualifiedNamespace: z.string().min(1).optional(),
  REQUEST_QUEUE: z.string().min(1).default("vpn-connection-requests"),
  QUARANTINE_QUEUE: z.string().min(1).default("vpn-connection-requests-quarantine"),
  COMPLETION_TOPIC: z.string().min(1).default("vpn-connection-events"),
  ARM_ENDPOINT: url.default("https://management.azure.com"),
  ARM_AUDIENCE: z.string().min(1).optional(),
  ARM_NETWORK_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/)
    .default("2024-03-01"),
  SEALING_KEYS: keyRing,
  PROVISIONING_POLICY: jsonText(policySchema, "Expected a JSON object").default(() => policySchema.parse({})),
  PREFLIGHT: z.enum(["enforce", "warn", "off"]).default("enforce"),
  KEY_VAULT_ALLOWED_HOSTS: vaultHosts.default([]),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_TOKEN_CREDENTIALS: z.string().optional(),
};

/** The names of the settings that may be set. */
export const settingNames = Object.keys(fields);

const settingsSchema = z
  .object(fields)
  .refine((settings) => (settings.ServiceBus === undefined) !== (settings.ServiceBus__fullyQualifiedNamespace === undefined), {
    error: "Set either ServiceBus (a connection string) or ServiceBus__fullyQualifiedNamespace (identity)",
    path: ["ServiceBus"],
  });

/** The settings as the app uses them. */
export interface Settings extends Omit<z.infer<typeof settingsSchema>, "SEALING_KEYS" | "ARM_AUDIENCE"> {
  readonly SEALING_KEYS: KeyRing;
  readonly ARM_AUDIENCE: string;
}

/** Reads the settings from an environment, where an empty value counts as none. Throws one Error that names every setting in fault, and never its value. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: [name = ""], message }) => {
      const missing = given[String(name)] === undefined && name !== "ServiceBus";
      return `${String(name)}: ${missing ? "missing" : message}`;
    });
    throw new Error(`The app cannot start with these settings:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  }
  const { SEALING_KEYS, ARM_AUDIENCE, ...settings } = parsed.data;
  return {
    ...settings,
    SEALING_KEYS: ringOf(SEALING_KEYS),
    ARM_AUDIENCE: ARM_AUDIENCE ?? `${settings.ARM_ENDPOINT}/.default`,
  };
}

function ringOf(keys: Record<string, string>): KeyRing {
  return new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, "base64")]));
}

function jsonText<T extends z.ZodType>(schema: T, error: string) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.issues.push({ code: "custom", message: error, input: text });
        return z.NEVER;
      }
    })
    .pipe(schema as z.ZodType<z.output<T>, unknown>);
}
