import metadata from "../package.json" with { type: "json" };
import { bindings, messages } from "./asyncapi-messages.ts";

const to = (path: string) => ({ $ref: `#/${path}` });

/**
 * The queues, the topic and their messages as an AsyncAPI 3 document
 * (https://www.asyncapi.com/docs/reference/specification/v3.0.0).
 */
export function asyncApi() {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "VPN connection provisioner",
      version: metadata.version,
      description: `${metadata.description} Documentation: docs/contract.md.`,
      license: { name: metadata.license },
    },
    defaultContentType: "application/json",
    servers: {
      serviceBus: {
        host: "{namespace}.servicebus.windows.net",
        protocol: "amqps",
        protocolVersion: "1.0",
        description: "A Service Bus namespace, Standard or Premium. The Basic tier has no topics.",
        variables: { namespace: { description: "The name of the namespace." } },
        bindings,
      },
    },
    channels,
    operations,
    components: { messages },
  };
}

const channels = {
  requests: {
    address: "vpn-connection-requests",
    title: "Requests and cancellations",
    description:
      "The setting REQUEST_QUEUE has the queue's name. REQUEST_QUEUES has several names, each with the source prefix of its senders.",
    messages: {
      structured: to("components/messages/requestStructured"),
      binary: to("components/messages/requestBinary"),
      bare: to("components/messages/requestBare"),
      cancellation: to("components/messages/cancellation"),
    },
    bindings,
    "x-service-bus": {
      entity: "queue",
      requiresDuplicateDetection: false,
      requiresSession: false,
      notes: "No duplicate detection: it would hide that one id came with two payloads.",
    },
  },
  events: {
    address: "vpn-connection-events",
    title: "Completion events",
    description: "The setting COMPLETION_TOPIC has the topic's name.",
    messages: { completion: to("components/messages/completion") },
    bindings,
    "x-service-bus": {
      entity: "topic",
      requiresDuplicateDetection: true,
      subscriptions: {
        replies: {
          requiresSession: true,
          correlationFilter: { properties: { reply: "true" } },
          notes: "To wait for one completion, accept the session that the request named in replyToSessionId.",
        },
      },
    },
  },
  quarantine: {
    address: "vpn-connection-requests-quarantine",
    title: "Messages that cannot be read",
    description:
      "Unchanged messages, but without the body above 252 KB. Each has a completion. The setting QUARANTINE_QUEUE has the queue's name.",
    messages: { unreadable: to("components/messages/unreadable") },
    bindings,
    "x-service-bus": { entity: "queue", requiresDuplicateDetection: false, requiresSession: false },
  },
};

const operations = {
  receiveRequest: {
    action: "receive",
    channel: to("channels/requests"),
    summary: "Receives a request or a cancellation.",
    messages: ["structured", "binary", "bare", "cancellation"].map((name) => to(`channels/requests/messages/${name}`)),
    reply: { channel: to("channels/events"), messages: [to("channels/events/messages/completion")] },
    bindings,
  },
  publishCompletion: {
    action: "send",
    channel: to("channels/events"),
    summary: "Publishes the completion of a request, at least once.",
    messages: [to("channels/events/messages/completion")],
    bindings,
  },
  quarantineMessage: {
    action: "send",
    channel: to("channels/quarantine"),
    summary: "Keeps a message that cannot be read.",
    messages: [to("channels/quarantine/messages/unreadable")],
    bindings,
  },
};
