import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBusMessage } from "@azure/service-bus";

const file = join(import.meta.dirname, "..", "..", "examples", "reference-sample.json");

interface SampleEvent {
  specversion: string;
  type: string;
  id: string;
  source: string;
  data: {
    target: Record<"subscriptionId" | "resourceGroupName" | "gatewayName" | "connectionName", string>;
    connection: { properties: Record<string, unknown> & { vpnLinkConnections: { name: string; properties: Record<string, unknown> }[] } };
    deadlineMinutes?: number;
    ticket?: unknown;
    [field: string]: unknown;
  };
  [attribute: string]: unknown;
}

/** The shipped example as a fresh object; `change` may alter it. */
export function sampleEvent(change: (event: SampleEvent) => void = () => {}): SampleEvent {
  const event = JSON.parse(readFileSync(file, "utf8")) as SampleEvent;
  event.id = randomUUID();
  change(event);
  return event;
}

/** An event as a message in structured mode. */
export function structured(event: object, more: Partial<ServiceBusMessage> = {}): ServiceBusMessage {
  return { body: Buffer.from(JSON.stringify(event)), contentType: "application/cloudevents+json", messageId: randomUUID(), ...more };
}
