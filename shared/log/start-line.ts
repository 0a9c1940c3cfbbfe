import { cutText } from "../contract/bounded.ts";
import { type Settings, settingNames } from "../settings.ts";
import type { LogFields } from "./steps.ts";

/** Settings that contain secrets, or may: a URL can have a token. Only their names are logged. */
const secretNames: readonly string[] = ["ServiceBus", "SEALING_KEYS", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const LONGEST_VALUE = 1_000;

/**
 * Returns what the app logs when it starts: its version, the names of its sealing keys in their
 * order, and the settings that are set. Values that may be secret are not shown.
 */
export function startLineOf(
  version: string,
  environment: Readonly<Record<string, string | undefined>>,
  { SEALING_KEYS }: Pick<Settings, "SEALING_KEYS">,
): LogFields<"started"> {
  const settings = settingNames.flatMap((name) => {
    const value = environment[name];
    if (!value) return [];
    return [[name, secretNames.includes(name) ? "(not shown)" : cutText(value, LONGEST_VALUE)] as const];
  });
  const keyIds = [...SEALING_KEYS.keys()];
  const message = `Version ${version} has started. Its sealing keys: ${keyIds.join(", ")}.`;
  return { version, keyIds, settings: Object.fromEntries(settings), message };
}
