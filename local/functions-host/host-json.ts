import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { QueueSettings } from "./durable/roughness.ts";

/** The settings of host.json that this host follows; it leaves every other one to Azure. */
export interface HostJson {
  readonly activities: number;
  readonly orchestrators: number;
  readonly queues: QueueSettings;
  readonly hubName: string;
  readonly routePrefix: string;
  readonly serviceBus: { readonly maxConcurrentCalls: number; readonly maxAutoLockRenewalMs: number; readonly autoComplete: boolean };
}

/** Reads an app's host.json, with the defaults of the extensions (https://learn.microsoft.com/en-us/azure/azure-functions/functions-host-json). */
export function readHostJson(appDirectory: string): HostJson {
  const { extensions = {} } = JSON.parse(readFileSync(join(appDirectory, "host.json"), "utf8")) as {
    extensions?: Record<string, Record<string, unknown>>;
  };
  const { durableTask = {}, serviceBus = {}, http = {} } = extensions;
  const storage = (durableTask["storageProvider"] ?? {}) as Record<string, unknown>;
  return {
    activities: Number(durableTask["maxConcurrentActivityFunctions"] ?? 10),
    orchestrators: Number(durableTask["maxConcurrentOrchestratorFunctions"] ?? 10),
    queues: {
      partitions: Number(storage["partitionCount"] ?? 4),
      messagesHiddenForMs: timeSpanMs(String(storage["controlQueueVisibilityTimeout"] ?? "00:05:00")),
      workHiddenForMs: timeSpanMs(String(storage["workItemQueueVisibilityTimeout"] ?? "00:05:00")),
    },
    hubName: String(durableTask["hubName"] ?? "TestHubName"),
    routePrefix: String(http["routePrefix"] ?? "api"),
    serviceBus: {
      maxConcurrentCalls: Number(serviceBus["maxConcurrentCalls"] ?? 16),
      maxAutoLockRenewalMs: timeSpanMs(String(serviceBus["maxAutoLockRenewalDuration"] ?? "00:05:00")),
      autoComplete: serviceBus["autoCompleteMessages"] !== false,
    },
  };
}

function timeSpanMs(text: string): number {
  const match = /^(\d{2}):(\d{2}):(\d{2})$/.exec(text);
  if (!match) throw new Error(`host.json: "${text}" is not a time span of the form hh:mm:ss.`);
  const [, hours, minutes, seconds] = match;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
