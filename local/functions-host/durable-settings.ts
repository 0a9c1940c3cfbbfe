import { unsupportedError } from "./unsupported-error.ts";

/**
 * How this host treats a setting: it follows it, or ignores it because it is for Azure only, or
 * accepts only the listed values.
 */
type Treatment = "followed" | "azure" | readonly string[];

/**
 * All settings of `extensions.durableTask` in host.json that the extension 3.x has
 * (https://github.com/Azure/azure-functions-durable-extension/blob/dev/src/WebJobs.Extensions.DurableTask/Options/DurableTaskOptions.cs).
 * `azure` means: only about Azure Storage, gRPC or telemetry, so that it makes no difference here.
 */
export const durableSettings: Readonly<Record<string, Treatment>> = {
  hubName: "followed",
  maxConcurrentActivityFunctions: "followed",
  maxConcurrentOrchestratorFunctions: "followed",
  defaultVersion: "followed",
  versionMatchStrategy: "followed",
  // A start of a version that the app does not run is refused here, so no instance can fail because
  // of it later.
  versionFailureStrategy: ["Reject", "Fail"],
  overridableExistingInstanceStates: ["NonRunningStates"],
  extendedSessionsEnabled: ["false"],
  extendedSessionIdleTimeoutInSeconds: "azure",
  useGracefulShutdown: ["true"],
  maxConcurrentEntityFunctions: [],
  maxEntityOperationBatchSize: [],
  maxOrchestrationActions: [],
  rollbackEntityOperationsOnExceptions: ["true"],
  throwStatusExceptionsOnRaiseEvent: [],
  storeInputsInOrchestrationHistory: ["false"],
  localRpcEndpointEnabled: ["true"],
  httpSettings: [],
  notifications: [],
  "tracing.traceInputsAndOutputs": "azure",
  "tracing.traceReplayEvents": "azure",
  "tracing.distributedTracingEnabled": "azure",
  "tracing.distributedTracingProtocol": "azure",
  "tracing.version": "azure",
  "tracing.allowVerboseLinuxTelemetry": "azure",
  entityMessageReorderWindowInMinutes: "azure",
  useAppLease: "azure",
  appLeaseOptions: "azure",
  maxGrpcMessageSizeInBytes: "azure",
  grpcHttpClientTimeout: "azure",
  "storageProvider.type": ["AzureStorage"],
  "storageProvider.connectionName": "azure",
  "storageProvider.connectionStringName": "azure",
  "storageProvider.controlQueueBatchSize": "azure",
  "storageProvider.controlQueueBufferThreshold": "azure",
  "storageProvider.controlQueueVisibilityTimeout": "followed",
  "storageProvider.fetchLargeMessagesAutomatically": "azure",
  "storageProvider.maxQueuePollingInterval": "azure",
  "storageProvider.partitionCount": "followed",
  "storageProvider.trackingStoreConnectionName": "azure",
  "storageProvider.trackingStoreConnectionStringName": "azure",
  "storageProvider.trackingStoreNamePrefix": "azure",
  "storageProvider.useLegacyPartitionManagement": "azure",
  "storageProvider.useTablePartitionManagement": "azure",
  "storageProvider.workItemQueueVisibilityTimeout": "followed",
  "storageProvider.queueClientMessageEncoding": "azure",
};
const known = new Map(Object.entries(durableSettings).map(([name, treatment]) => [name.toLowerCase(), { name, treatment }]));

/**
 * Returns the settings that this host follows, by name. Throws a sentence for a setting that is
 * unknown, or whose value this host does not support.
 */
export function readFollowedSettings(durableTask: Readonly<Record<string, unknown>>): Readonly<Record<string, string | undefined>> {
  const { storageProvider = {}, tracing = {}, ...rest } = durableTask;
  const within = (section: string, settings: object) =>
    Object.entries(settings).map(([name, value]) => [`${section}.${name}`, value] as const);
  const given = [...Object.entries(rest), ...within("storageProvider", storageProvider as object), ...within("tracing", tracing as object)];
  const followed: Record<string, string> = {};
  for (const [spelled, value] of given) {
    // Names in a .NET configuration have no case.
    const setting = known.get(spelled.toLowerCase());
    if (!setting) throw new Error(`host.json: extensions.durableTask has no setting ${spelled}. Check its spelling.`);
    const { name, treatment } = setting;
    if (treatment === "followed") followed[name] = String(value);
    else if (treatment !== "azure" && !treatment.some((each) => each.toLowerCase() === String(value).toLowerCase())) {
      throw unsupportedError(`${name}${typeof value === "object" ? "" : ` ${value}`} (extensions.durableTask in host.json)`);
    }
  }
  if (followed["hubName"]?.includes("%")) throw unsupportedError("a hubName that names a setting (extensions.durableTask in host.json)");
  return followed;
}
