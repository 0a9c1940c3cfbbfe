import * as z from "zod";
import { type SecretPatterns, secretPatternsSchema } from "./access/allowed-secrets.ts";
import { type RequestQueues, requestQueuesSchema } from "./access/request-queues.ts";
import { type AllowedTargets, allowedTargetsSchema } from "./access/targets.ts";
import { policySchema } from "./policy.ts";
import type { KeyRing } from "./secrets/key-ring.ts";
import { vaultHostOf } from "./secrets/secret-uri.ts";

const url = z.url({ protocol: /^https$/, error: "Expected an https URL" }).transform((text) => new URL(text).origin);

const keys = z.record(
  z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
  z.base64().refine((text) => atob(text).length === 32, { error: "Expected keys of 32 bytes in base64" }),
);
/** The setting SEALING_KEYS: key id → key in base64, in their order. */
export const sealingKeysSchema = parseJsonText(
  keys
    .refine((ring) => Object.keys(ring).length > 0, { error: "Expected at least one key" })
    // JavaScript sorts such names, and the order says which key seals.
    .refine((ring) => !Object.keys(ring).some((id) => /^\d+$/.test(id)), { error: "Expected key names with a letter, such as k1" }),
  "Expected a JSON object of key id to base64 key",
);

/** Vault hosts, separated by commas. */
const vaultHosts = z.string().transform((text, context): readonly string[] => {
  const hosts = text.split(",").map((entry) => vaultHostOf(entry.trim()));
  if (hosts.every((host) => host !== undefined)) return [...new Set(hosts)];
  const message = "Expected host names separated by commas, such as myvault.vault.azure.net; no URLs, no wildcards";
  context.issues.push({ code: "custom", message, input: text });
  return z.NEVER;
});

/** Every setting of the app. */
const fields = {
  ServiceBus: z.string().min(1).optional(),
  ServiceBus__fullyQualifiedNamespace: z.string().min(1).optional(),
  REQUEST_QUEUE: z.string().min(1).optional(),
  REQUEST_QUEUES: parseJsonText(requestQueuesSchema, "Expected a JSON object of queue to source prefix").optional(),
  ALLOWED_TARGETS: parseJsonText(allowedTargetsSchema, "Expected a JSON object of source prefix to Resource Manager ids").optional(),
  QUARANTINE_QUEUE: z.string().min(1).default("vpn-connection-requests-quarantine"),
  COMPLETION_TOPIC: z.string().min(1).default("vpn-connection-events"),
  ARM_ENDPOINT: url.default("https://management.azure.com"),
  ARM_AUDIENCE: z.string().min(1).optional(),
  ARM_NETWORK_API_VERSION: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/)
    .default("2024-03-01"),
  SEALING_KEYS: sealingKeysSchema,
  PROVISIONING_POLICY: parseJsonText(policySchema, "Expected a JSON object").default(() => policySchema.parse({})),
  PREFLIGHT: z.enum(["enforce", "warn", "off"]).default("enforce"),
  KEY_VAULT_ALLOWED_HOSTS: vaultHosts.default([]),
  KEY_VAULT_ALLOWED_SECRETS: parseJsonText(
    secretPatternsSchema,
    "Expected a JSON object of vault host to patterns of secret names",
  ).optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_TOKEN_CREDENTIALS: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: "Expected an http or https URL" }).optional(),
};

/** The names of all settings. */
export const settingNames = Object.keys(fields);

const settingsSchema = z
  .object(fields)
  .refine((settings) => (settings.ServiceBus === undefined) !== (settings.ServiceBus__fullyQualifiedNamespace === undefined), {
    error: "Set either ServiceBus (a connection string) or ServiceBus__fullyQualifiedNamespace (identity)",
    path: ["ServiceBus"],
  })
  .refine((settings) => settings.REQUEST_QUEUE === undefined || settings.REQUEST_QUEUES === undefined, {
    error: "Set either REQUEST_QUEUE (one queue) or REQUEST_QUEUES (queues with their source prefixes), not both",
    path: ["REQUEST_QUEUES"],
  });

type Given = z.infer<typeof settingsSchema>;
/** The settings whose type differs after reading. */
type Changed = "SEALING_KEYS" | "ARM_AUDIENCE" | "REQUEST_QUEUE" | "REQUEST_QUEUES" | "ALLOWED_TARGETS" | "KEY_VAULT_ALLOWED_SECRETS";

/** The settings after reading. */
export interface Settings extends Omit<Given, Changed> {
  readonly SEALING_KEYS: KeyRing;
  readonly ARM_AUDIENCE: string;
  /** The queues of REQUEST_QUEUES, or the one of REQUEST_QUEUE without a prefix. */
  readonly REQUEST_QUEUES: RequestQueues;
  /** If null, every source may change every gateway. */
  readonly ALLOWED_TARGETS: AllowedTargets | null;
  /** If null, the default pattern applies to every allowed host. */
  readonly KEY_VAULT_ALLOWED_SECRETS: SecretPatterns | null;
}

/**
 * Reads the settings from an environment. An empty value counts as not set. Throws one Error that
 * names every invalid setting, but no value, because a value may be a secret.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw new Error(`The app cannot start with these settings:\n${describeFaults(parsed.error, given)}`);
  const { SEALING_KEYS, ARM_AUDIENCE, REQUEST_QUEUE = "vpn-connection-requests", ...settings } = parsed.data;
  return {
    ...settings,
    REQUEST_QUEUES: settings.REQUEST_QUEUES ?? new Map([[REQUEST_QUEUE, ""]]),
    ALLOWED_TARGETS: settings.ALLOWED_TARGETS ?? null,
    KEY_VAULT_ALLOWED_SECRETS: settings.KEY_VAULT_ALLOWED_SECRETS ?? null,
    SEALING_KEYS: toKeyRing(SEALING_KEYS),
    ARM_AUDIENCE: ARM_AUDIENCE ?? `${settings.ARM_ENDPOINT}/.default`,
  };
}

/** The settings that decide what requests may change and use. */
export const accessSettingNames = ["ALLOWED_TARGETS", "KEY_VAULT_ALLOWED_HOSTS", "KEY_VAULT_ALLOWED_SECRETS"] as const;
export type AccessSettingName = (typeof accessSettingNames)[number];
/** Those of these settings that an environment has. */
export type AccessSettings = z.infer<typeof accessSchema>;

const accessSchema = z.object({
  ALLOWED_TARGETS: fields.ALLOWED_TARGETS,
  KEY_VAULT_ALLOWED_HOSTS: vaultHosts.optional(),
  KEY_VAULT_ALLOWED_SECRETS: fields.KEY_VAULT_ALLOWED_SECRETS,
});

/**
 * Reads the settings that decide what requests may change and use, from an environment that may
 * do not have the others. Throws as `readSettings` does.
 */
export function readAccessSettings(environment: Readonly<Record<string, string | undefined>>): AccessSettings {
  const given = Object.fromEntries(accessSettingNames.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
  const parsed = accessSchema.safeParse(given);
  if (!parsed.success) throw new Error(`These settings cannot be read:\n${describeFaults(parsed.error, given)}`);
  return parsed.data;
}

function describeFaults({ issues }: z.ZodError, given: Readonly<Record<string, string | undefined>>): string {
  const faults = issues.map(({ path: [name = ""], message }) => {
    const missing = given[String(name)] === undefined && name !== "ServiceBus";
    return `  ${String(name)}: ${missing ? "missing" : message}`;
  });
  return faults.join("\n");
}

function toKeyRing(keys: Record<string, string>): KeyRing {
  return new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, "base64")]));
}

function parseJsonText<T extends z.ZodType>(schema: T, error: string) {
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
