import { readFileSync } from "node:fs";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { sqlFilter } from "./sql-filter.ts";

/** What a queue or subscription is told to do; durations in milliseconds. */
export interface EntityOptions {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly timeToLiveMs: number;
  readonly deadLetterExpired: boolean;
  readonly requiresSession: boolean;
}

/** Which messages a correlation rule takes: all named properties must be equal. */
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
  /** None takes every message. */
  readonly filters: readonly FilterConfig[];
}
export interface TopicConfig {
  readonly name: string;
  readonly duplicateWindowMs: number | undefined;
  readonly timeToLiveMs: number;
  readonly subscriptions: readonly SubscriptionConfig[];
}

type Json = Readonly<Record<string, unknown>>;

const entityProperties = [
  "DeadLetteringOnMessageExpiration",
  "DefaultMessageTimeToLive",
  "LockDuration",
  "MaxDeliveryCount",
  "RequiresSession",
  "ForwardTo",
  "ForwardDeadLetteredMessagesTo",
];
const duplicateProperties = ["RequiresDuplicateDetection", "DuplicateDetectionHistoryTimeWindow"];
const systemProperties = ["ContentType", "CorrelationId", "Label", "MessageId", "ReplyTo", "ReplyToSessionId", "SessionId", "To"];

/**
 * Reads a configuration in the format of the official emulator's Config.json, comments included
 * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/test-locally-with-service-bus-emulator). Throws a sentence with the place of whatever this broker
 * does not know or do.
 */
export function readConfig(file: string): { queues: QueueConfig[]; topics: TopicConfig[] } {
  const errors: ParseError[] = [];
  const root = parse(readFileSync(file, "utf8"), errors, { allowTrailingComma: true }) as unknown;
  const [error] = errors;
  if (error) throw new Error(`${file}: ${printParseErrorCode(error.error)} at position ${error.offset}.`);

  const refuse = (place: string, what: string): never => {
    throw new Error(`${file}: ${place} ${what}`);
  };
  const object = (value: unknown, place: string, known: readonly string[]): Json => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(place, "must be an object.");
    for (const name of Object.keys(value))
      if (!known.includes(name)) refuse(`${place}/${name}`, `is not known; ${place} may have ${known.join(", ")}.`);
    return value as Json;
  };
  const list = (value: unknown, place: string): unknown[] =>
    value === undefined ? [] : Array.isArray(value) ? value : refuse(place, "must be an array.");
  const name = (value: unknown, place: string): string =>
    typeof value === "string" && /^[A-Za-z0-9]([\w\-./]*[A-Za-z0-9])?$/.test(value)
      ? value
      : refuse(place, "must be a name of letters, digits, `-`, `_`, `.` and `/`.");
  const duration = (value: unknown, fallback: string, place: string): number =>
    durationMs(value ?? fallback) ?? refuse(place, "must be a duration such as PT1M.");

  const options = (properties: Json, place: string): EntityOptions => {
    for (const option of ["ForwardTo", "ForwardDeadLetteredMessagesTo"]) {
      if (properties[option]) refuse(`${place}/${option}`, "is not supported by the local Service Bus; use a real namespace.");
    }
    return {
      lockDurationMs: duration(properties["LockDuration"], "PT1M", `${place}/LockDuration`),
      maxDeliveryCount: Number(properties["MaxDeliveryCount"] ?? 10),
      timeToLiveMs: duration(properties["DefaultMessageTimeToLive"], "P14D", `${place}/DefaultMessageTimeToLive`),
      deadLetterExpired: properties["DeadLetteringOnMessageExpiration"] === true,
      requiresSession: properties["RequiresSession"] === true,
    };
  };
  const duplicateWindow = (properties: Json, place: string): number | undefined =>
    properties["RequiresDuplicateDetection"] === true
      ? duration(properties[duplicateProperties[1] ?? ""], "PT20S", `${place}/${duplicateProperties[1]}`)
      : undefined;

  const filter = (value: unknown, place: string): FilterConfig => {
    const at = `${place}/Properties`;
    const rule = object(object(value, place, ["Name", "Properties"])["Properties"], at, [
      "FilterType",
      "CorrelationFilter",
      "SqlFilter",
      "Action",
    ]);
    if (rule["Action"]) refuse(`${at}/Action`, "is not supported by the local Service Bus; use a real namespace.");
    if (rule["FilterType"] === "Sql") {
      const { SqlExpression: sql } = object(rule["SqlFilter"], `${at}/SqlFilter`, ["SqlExpression"]);
      const where = `${at}/SqlFilter/SqlExpression`;
      if (typeof sql !== "string") return refuse(where, "must be a string.");
      try {
        sqlFilter(sql);
        return { sql };
      } catch (error) {
        return refuse(where, (error as Error).message);
      }
    }
    if (rule["FilterType"] !== "Correlation") refuse(`${at}/FilterType`, "must be Correlation or Sql.");
    const correlation = object(rule["CorrelationFilter"], `${at}/CorrelationFilter`, [...systemProperties, "Properties"]);
    const { Properties: properties = {}, ...system } = correlation;
    return { system, properties: object(properties, `${at}/CorrelationFilter/Properties`, Object.keys(properties as object)) };
  };
  const subscription = (value: unknown, place: string): SubscriptionConfig => {
    const given = object(value, place, ["Name", "Properties", "Rules"]);
    const properties = object(given["Properties"] ?? {}, `${place}/Properties`, entityProperties);
    return {
      name: name(given["Name"], `${place}/Name`),
      options: options(properties, `${place}/Properties`),
      filters: list(given["Rules"], `${place}/Rules`).map((rule, index) => filter(rule, `${place}/Rules/${index}`)),
    };
  };

  const { Namespaces } = object(object(root, "", ["UserConfig"])["UserConfig"], "/UserConfig", ["Namespaces", "Logging"]);
  const at = "/UserConfig/Namespaces/0";
  const namespace = object(list(Namespaces, "/UserConfig/Namespaces")[0], at, ["Name", "Queues", "Topics"]);
  return {
    queues: list(namespace["Queues"], `${at}/Queues`).map((value, index) => {
      const place = `${at}/Queues/${index}`;
      const given = object(value, place, ["Name", "Properties"]);
      const properties = object(given["Properties"] ?? {}, `${place}/Properties`, [...entityProperties, ...duplicateProperties]);
      return {
        name: name(given["Name"], `${place}/Name`),
        options: options(properties, `${place}/Properties`),
        duplicateWindowMs: duplicateWindow(properties, `${place}/Properties`),
      };
    }),
    topics: list(namespace["Topics"], `${at}/Topics`).map((value, index) => {
      const place = `${at}/Topics/${index}`;
      const given = object(value, place, ["Name", "Properties", "Subscriptions"]);
      const properties = object(given["Properties"] ?? {}, `${place}/Properties`, ["DefaultMessageTimeToLive", ...duplicateProperties]);
      return {
        name: name(given["Name"], `${place}/Name`),
        duplicateWindowMs: duplicateWindow(properties, `${place}/Properties`),
        timeToLiveMs: duration(properties["DefaultMessageTimeToLive"], "P14D", `${place}/Properties/DefaultMessageTimeToLive`),
        subscriptions: list(given["Subscriptions"], `${place}/Subscriptions`).map((value, index) =>
          subscription(value, `${place}/Subscriptions/${index}`),
        ),
      };
    }),
  };
}

/** An ISO 8601 duration of days, hours, minutes and seconds in milliseconds. */
function durationMs(value: unknown): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(String(value));
  if (!match || match[0] === "P") return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
