import type { FilterConfig } from "./config.ts";
import { type Message, propertiesOf } from "./message.ts";
import { sqlFilter } from "./sql-filter.ts";

/** What a filter can look at: properties by name, undefined where a message has none. */
export interface FilteredProperties {
  /** By the name that a filter gives it, such as `Label`. */
  system(name: string): unknown;
  /** An application property; names have no case (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-messaging-sql-filter). */
  user(name: string): unknown;
}

/** Whether a rule takes a message. */
export type Filter = (properties: FilteredProperties) => boolean;

/** The AMQP names of what filters call system properties. */
const systemNames: Readonly<Record<string, string>> = {
  ContentType: "content_type",
  CorrelationId: "correlation_id",
  Label: "subject",
  Subject: "subject",
  MessageId: "message_id",
  ReplyTo: "reply_to",
  ReplyToSessionId: "reply_to_group_id",
  SessionId: "group_id",
  To: "to",
};

/** The filter that a rule is configured with. A correlation filter takes what is equal in everything it names (https://learn.microsoft.com/en-us/azure/service-bus-messaging/topic-filters). */
export function filterOf(config: FilterConfig): Filter {
  if ("sql" in config) return sqlFilter(config.sql);
  const [system, properties] = [Object.entries(config.system), Object.entries(config.properties)];
  return (given) =>
    system.every(([name, value]) => given.system(name) === value) && properties.every(([name, value]) => given.user(name) === value);
}

/** The properties of a message as filters see them. */
export function filteredProperties(message: Message): FilteredProperties {
  const decoded = propertiesOf(message);
  const application = (decoded["application_properties"] ?? {}) as Readonly<Record<string, unknown>>;
  return {
    system: (name) => decoded[systemNames[name] ?? ""],
    user(name) {
      if (Object.hasOwn(application, name)) return application[name];
      const lower = name.toLowerCase();
      return Object.entries(application).find(([each]) => each.toLowerCase() === lower)?.[1];
    },
  };
}
