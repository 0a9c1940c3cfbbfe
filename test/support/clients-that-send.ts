import { ServiceBusClient } from "@azure/service-bus";

/**
 * Notes whoever opens a sender: the app never closes its client, because it never ends while its
 * process lives.
 */
export function clientsThatSend(): ReadonlySet<ServiceBusClient> {
  const clients = new Set<ServiceBusClient>();
  const { createSender } = ServiceBusClient.prototype;
  ServiceBusClient.prototype.createSender = function (...given) {
    clients.add(this);
    return createSender.apply(this, given);
  };
  return clients;
}
