import request from "../examples/reference-sample.json" with { type: "json" };
import { cancelType } from "../shared/contract/cancel.ts";
import { tracePropertiesOf } from "../shared/contract/traceparent.ts";
import { completionExamples } from "./completion-examples.ts";
import { jsonSchemas, type PublishedSchema } from "./json-schema.ts";

/**
 * The binding of AMQP 1.0 has no fields (https://github.com/asyncapi/bindings/tree/master/amqp1),
 * so what Service Bus adds is in `x-service-bus`.
 */
export const bindings = { amqp1: {} };

const text = (description: string, more: object = {}) => ({ type: "string", description, ...more });
const { data, ...attributes } = request;
const attributeNames = Object.keys(jsonSchemas().request.properties ?? {}).filter((name) => name !== "data");
const { succeeded, rejected } = completionExamples();
const requestProperties = {
  messageId: "Any. A repeated request is recognized by the event's source and id.",
  replyToSessionId: "Optional: the session for the completion. A string of up to 128 characters that is not a number or other JSON.",
};

/** A cancellation of the example request. */
export const cancelExample = {
  specversion: "1.0",
  type: cancelType,
  id: "3f0c9a52-7d1e-4b8a-a6c4-90e2d5b71f38",
  source: request.source,
  datacontenttype: "application/json",
  data: { requestSource: request.source, requestId: request.id },
};

/** The messages of the contract, by their names. */
export const messages = {
  requestStructured: {
    title: "Request, structured mode",
    contentType: "application/cloudevents+json",
    payload: payload("request"),
    examples: [{ name: "reference", summary: "The sample of the REST reference.", payload: request }],
    bindings,
    "x-service-bus": { properties: requestProperties },
  },
  requestBinary: {
    title: "Request, binary mode",
    contentType: "application/json",
    headers: {
      type: "object",
      description: "Application properties. The prefix `cloudEvents:` is accepted too.",
      properties: Object.fromEntries(
        attributeNames.map((name) => [`cloudEvents_${name}`, text(`The attribute \`${name}\` of the event.`)]),
      ),
      required: ["specversion", "type", "id", "source"].map((name) => `cloudEvents_${name}`),
    },
    payload: payload("request-data"),
    examples: [
      {
        name: "reference",
        headers: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`cloudEvents_${name}`, value])),
        payload: data,
      },
    ],
    bindings,
    "x-service-bus": { properties: requestProperties },
  },
  requestBare: {
    title: "Request, its data alone",
    contentType: "application/json",
    payload: payload("request-data"),
    examples: [{ name: "reference", payload: data }],
    bindings,
    "x-service-bus": {
      properties: {
        ...requestProperties,
        messageId: "The request's id. Not a number or other JSON. The request's source is `/service-bus/<queue>`.",
      },
    },
  },
  cancellation: {
    title: "Cancellation",
    description: "Structured mode. Binary mode is accepted too.",
    contentType: "application/cloudevents+json",
    payload: payload("cancel"),
    examples: [{ name: "cancellation", summary: "Cancels the request above.", payload: cancelExample }],
    bindings,
    "x-service-bus": { properties: requestProperties },
  },
  completion: {
    title: "Completion event",
    contentType: "application/cloudevents+json; charset=utf-8",
    headers: {
      type: "object",
      description: "Application properties, for filters of subscriptions.",
      properties: {
        outcome: text("As in `data`."),
        requestSource: text("As in `data`."),
        change: text("As in `data`, if there is one."),
        problemCode: text("Code of the problem, if there is one."),
        gateway: text("Resource Manager id of the gateway, if the request was valid."),
        reply: text("Only if the request has a replyToSessionId.", { const: "true" }),
        traceparent: text("As in the event, if there is one."),
        "Diagnostic-Id": text("The same as `traceparent`, under the name that clients of Azure use."),
      },
      required: ["outcome", "requestSource"],
    },
    payload: payload("completion"),
    correlationId: {
      location: "$message.payload#/data/requestId",
      description: "The request's id. The message's correlationId has it too.",
    },
    examples: [
      { name: "succeeded", summary: "The completion of the request above.", headers: headersOf(succeeded), payload: succeeded },
      { name: "rejected", summary: "The completion of the same request with an error.", headers: headersOf(rejected), payload: rejected },
    ],
    bindings,
    "x-service-bus": {
      properties: {
        messageId:
          "The event's id. If the completion is sent again because its request came again, `.r<sequence number of the request>` is added.",
        correlationId: "The request's id.",
        sessionId: "The request's replyToSessionId, if it has one.",
      },
    },
  },
  unreadable: {
    title: "Message that cannot be read",
    description: "The original body and content type (up to 128 characters). A body above 252 KB is not kept.",
    headers: {
      type: "object",
      description: "Application properties.",
      properties: {
        description: text("What is wrong."),
        queue: text("The queue of the message."),
        sequenceNumber: text("The sequence number in that queue."),
        deliveryCount: text("How often the message was delivered."),
        enqueuedAt: text("When the message arrived."),
        messageId: text("The message's id, if the body is not kept."),
        size: text("The body's size in bytes, if it is not kept."),
        sha256: text("The body's hash in hex, if it is not kept."),
      },
    },
    bindings,
    "x-service-bus": { properties: { messageId: "The original id, up to 128 characters.", subject: "The reason: UnreadableMessage." } },
  },
};

function payload(name: PublishedSchema) {
  return { schemaFormat: "application/schema+json;version=draft-2020-12", schema: { $ref: `./${name}.schema.json` } };
}

function headersOf({ subject, traceparent, data: { outcome, requestSource, change, problem } }: typeof succeeded) {
  const gateway = subject?.split("/vpnConnections/")[0];
  return {
    outcome,
    requestSource,
    ...(change ? { change } : {}),
    ...(problem ? { problemCode: problem.code } : {}),
    ...(gateway ? { gateway } : {}),
    ...tracePropertiesOf(traceparent),
  };
}
