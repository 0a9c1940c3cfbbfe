import { type Message, propertiesOf } from "./message.ts";

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
