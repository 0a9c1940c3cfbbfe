import { type Message, propertiesOf } from "./message.ts";

/**
 * The properties that a filter can read. A property that the message does not have is undefined.
 */
export interface FilteredProperties {
  /** A system property, by the name that filters use, such as `Label`. */
  system(name: string): unknown;
  /**
   * An application property. Its name has no case
   * (https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-messaging-sql-filter).
   */
  user(name: string): unknown;
}

/** Returns true if a message with these properties matches the rule. */
export type Filter = (properties: FilteredProperties) => boolean;

/** System properties: from the names in filters to the names in AMQP. */
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

/** Returns the properties of a message in the form that filters read. */
export function readFilteredProperties(message: Message): FilteredProperties {
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
