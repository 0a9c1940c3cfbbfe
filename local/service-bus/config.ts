import { readFileSync } from "node:fs";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { createValueReaders, type Json } from "./config-values.ts";
import { createSqlFilter } from "./sql-filter.ts";

/** The configuration of a queue or subscription. Durations are in milliseconds. */
export interface EntityOptions {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly timeToLiveMs: number;
  readonly deadLetterExpired: boolean;
  readonly requiresSession: boolean;
}

/** A correlation filter: a message must be equal to it in all listed properties. */
export interface CorrelationFilter {
  readonly system: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}
/** The filter of a rule. */
export type FilterConfig = CorrelationFilter | { readonly sql: string };

export interface QueueConfig {
  readonly name: string;
  readonly options: EntityOptions;
  readonly duplicateWindowMs: number | undefined;
}
export interface SubscriptionConfig {
  readonly name: string;
  readonly options: EntityOptions;
  /** Without filters the subscription gets every message. */
  readonly filters: readonly FilterConfig[];
}
export interface TopicConfig {
  readonly name: string;
  readonly duplicateWindowMs: number | undefined;
  readonly timeToLiveMs: number;
  readonly subscriptions: readonly SubscriptionConfig[];
}

const entityProperties = [
  "DeadLetteringOnMessageExpiration",
  "DefaultMessageTimeToLive",
  "LockDuration",
  "MaxDeliveryCount",
  "RequiresSession",
  "ForwardTo",
  "ForwardDeadLetteredMessagesTo",
];
/**
 * Largest values: https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-quotas
 * and `az servicebus queue create --help`.
 */
const most = { lockDuration: "PT5M", deliveries: 2_000, timeToLive: "P10675199D", duplicateWindow: "P7D" } as const;
const duplicateProperties = ["RequiresDuplicateDetection", "DuplicateDetectionHistoryTimeWindow"];
const systemProperties = ["ContentType", "CorrelationId", "Label", "MessageId", "ReplyTo", "ReplyToSessionId", "SessionId", "To"];

/**
 * Reads a configuration in the format of the official emulator's Config.json, with comments
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/test-locally-with-service-bus-emulator).
 * Throws a sentence with the place of the first thing that this broker does not support.
 */
export function readConfig(file: string): { queues: QueueConfig[]; topics: TopicConfig[] } {
  const errors: ParseError[] = [];
  const root = parse(readFileSync(file, "utf8"), errors, { allowTrailingComma: true }) as unknown;
  const [error] = errors;
  if (error) throw new Error(`${file}: ${printParseErrorCode(error.error)} at position ${error.offset}.`);

  const { refuse, readObject, readEntities, readName, readFlag, readInteger, readDuration } = createValueReaders(file);

  const readOptions = (properties: Json, place: string): EntityOptions => {
    for (const option of ["ForwardTo", "ForwardDeadLetteredMessagesTo"]) {
      if (properties[option]) refuse(`${place}/${option}`, "is not supported by the local Service Bus; use a real namespace.");
    }
    return {
      lockDurationMs: readDuration(properties["LockDuration"], "PT1M", most.lockDuration, `${place}/LockDuration`),
      maxDeliveryCount: readInteger(properties["MaxDeliveryCount"], 10, most.deliveries, `${place}/MaxDeliveryCount`),
      timeToLiveMs: readTimeToLive(properties, place),
      deadLetterExpired: readFlag(properties["DeadLetteringOnMessageExpiration"], `${place}/DeadLetteringOnMessageExpiration`),
      requiresSession: readFlag(properties["RequiresSession"], `${place}/RequiresSession`),
    };
  };
  const readTimeToLive = (properties: Json, place: string) =>
    readDuration(properties["DefaultMessageTimeToLive"], "P14D", most.timeToLive, `${place}/DefaultMessageTimeToLive`);
  const readDuplicateWindow = (properties: Json, place: string): number | undefined => {
    const at = `${place}/DuplicateDetectionHistoryTimeWindow`;
    const window = readDuration(properties["DuplicateDetectionHistoryTimeWindow"], "PT20S", most.duplicateWindow, at);
    return readFlag(properties["RequiresDuplicateDetection"], `${place}/RequiresDuplicateDetection`) ? window : undefined;
  };

  const readFilter = (value: unknown, place: string): FilterConfig => {
    const at = `${place}/Properties`;
    const rule = readObject(readObject(value, place, ["Name", "Properties"])["Properties"], at, [
      "FilterType",
      "CorrelationFilter",
      "SqlFilter",
      "Action",
    ]);
    if (rule["Action"]) refuse(`${at}/Action`, "is not supported by the local Service Bus; use a real namespace.");
    if (rule["FilterType"] === "Sql") {
      const { SqlExpression: sql } = readObject(rule["SqlFilter"], `${at}/SqlFilter`, ["SqlExpression"]);
      const where = `${at}/SqlFilter/SqlExpression`;
      if (typeof sql !== "string") return refuse(where, "must be a string.");
      try {
        createSqlFilter(sql);
        return { sql };
      } catch (error) {
        return refuse(where, (error as Error).message);
      }
    }
    if (rule["FilterType"] !== "Correlation") refuse(`${at}/FilterType`, "must be Correlation or Sql.");
    const correlation = readObject(rule["CorrelationFilter"], `${at}/CorrelationFilter`, [...systemProperties, "Properties"]);
    const { Properties: properties = {}, ...system } = correlation;
    return { system, properties: readObject(properties, `${at}/CorrelationFilter/Properties`, Object.keys(properties as object)) };
  };
  const readSubscription = (value: unknown, place: string): SubscriptionConfig => {
    const given = readObject(value, place, ["Name", "Properties", "Rules"]);
    const properties = readObject(given["Properties"] ?? {}, `${place}/Properties`, entityProperties);
    return {
      name: readName(given["Name"], `${place}/Name`),
      options: readOptions(properties, `${place}/Properties`),
      filters: readEntities(given["Rules"], `${place}/Rules`).map((rule) => readFilter(rule.given, rule.place)),
    };
  };
  const readQueue = (value: unknown, place: string): QueueConfig => {
    const given = readObject(value, place, ["Name", "Properties"]);
    const properties = readObject(given["Properties"] ?? {}, `${place}/Properties`, [...entityProperties, ...duplicateProperties]);
    return {
      name: readName(given["Name"], `${place}/Name`),
      options: readOptions(properties, `${place}/Properties`),
      duplicateWindowMs: readDuplicateWindow(properties, `${place}/Properties`),
    };
  };
  const readTopic = (value: unknown, place: string): TopicConfig => {
    const given = readObject(value, place, ["Name", "Properties", "Subscriptions"]);
    const properties = readObject(given["Properties"] ?? {}, `${place}/Properties`, ["DefaultMessageTimeToLive", ...duplicateProperties]);
    return {
      name: readName(given["Name"], `${place}/Name`),
      duplicateWindowMs: readDuplicateWindow(properties, `${place}/Properties`),
      timeToLiveMs: readTimeToLive(properties, `${place}/Properties`),
      subscriptions: readEntities(given["Subscriptions"], `${place}/Subscriptions`).map((each) => readSubscription(each.given, each.place)),
    };
  };

  const { Namespaces, Logging } = readObject(readObject(root, "", ["UserConfig"])["UserConfig"], "/UserConfig", ["Namespaces", "Logging"]);
  // It says where the emulator writes its log. This broker writes to the console.
  if (Logging !== undefined) readObject(Logging, "/UserConfig/Logging", ["Type"]);
  const [first, second] = readEntities(Namespaces, "/UserConfig/Namespaces");
  if (second) refuse(second.place, "is one too many: there is one namespace.");
  const namespace = readObject(first?.given, "/UserConfig/Namespaces/0", ["Name", "Queues", "Topics"]);
  return {
    queues: readEntities(namespace["Queues"], "/UserConfig/Namespaces/0/Queues").map(({ given, place }) => readQueue(given, place)),
    topics: readEntities(namespace["Topics"], "/UserConfig/Namespaces/0/Topics").map(({ given, place }) => readTopic(given, place)),
  };
}
