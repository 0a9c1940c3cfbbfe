import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { QueueSettings } from "./durable/roughness.ts";
import { readFollowedSettings } from "./durable-settings.ts";
import { readVersions, type Versions } from "./versions.ts";

/**
 * The settings of host.json that this host follows. It refuses values of durableTask that it does
 * not support. All other settings are for Azure only.
 */
export interface HostJson {
  readonly activities: number;
  readonly orchestrators: number;
  readonly queues: QueueSettings;
  readonly hubName: string;
  readonly versions: Versions;
  readonly routePrefix: string;
  readonly serviceBus: { readonly maxConcurrentCalls: number; readonly maxAutoLockRenewalMs: number; readonly autoComplete: boolean };
}

/**
 * Reads an app's host.json, with the defaults of the extensions
 * (https://learn.microsoft.com/en-us/azure/azure-functions/functions-host-json).
 */
export function readHostJson(appDirectory: string): HostJson {
  const { extensions = {} } = JSON.parse(readFileSync(join(appDirectory, "host.json"), "utf8")) as {
    extensions?: Record<string, Record<string, unknown>>;
  };
  const { durableTask = {}, serviceBus = {}, http = {} } = extensions;
  const durable = readFollowedSettings(durableTask);
  return {
    activities: countOf("maxConcurrentActivityFunctions", durable),
    orchestrators: countOf("maxConcurrentOrchestratorFunctions", durable),
    queues: {
      partitions: countOf("storageProvider.partitionCount", durable, 4),
      messagesHiddenForMs: timeSpanMs(durable["storageProvider.controlQueueVisibilityTimeout"] ?? "00:05:00"),
      workHiddenForMs: timeSpanMs(durable["storageProvider.workItemQueueVisibilityTimeout"] ?? "00:05:00"),
    },
    hubName: durable["hubName"] ?? "TestHubName",
    versions: readVersions(durable["defaultVersion"], durable["versionMatchStrategy"]),
    routePrefix: String(http["routePrefix"] ?? "api"),
    serviceBus: {
      maxConcurrentCalls: Number(serviceBus["maxConcurrentCalls"] ?? 16),
      maxAutoLockRenewalMs: timeSpanMs(String(serviceBus["maxAutoLockRenewalDuration"] ?? "00:05:00")),
      autoComplete: serviceBus["autoCompleteMessages"] !== false,
    },
  };
}

function countOf(name: string, durable: Readonly<Record<string, string | undefined>>, otherwise = 10): number {
  const count = Number(durable[name] ?? otherwise);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`host.json: ${name} must be a whole number from 1 on. Found ${durable[name]}.`);
  return count;
}

function timeSpanMs(text: string): number {
  const match = /^(\d{2}):(\d{2}):(\d{2})$/.exec(text);
  if (!match) throw new Error(`host.json: "${text}" is not a time span of the form hh:mm:ss.`);
  const [, hours, minutes, seconds] = match;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
