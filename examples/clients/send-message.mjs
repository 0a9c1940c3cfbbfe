// Sends a whole Service Bus message that a file describes: body, properties and all. Its answer comes
// on the session that the message names.
//
//   ServiceBus='Endpoint=sb://…' node send-message.mjs ../messages/binary-mode.json
//
// Exit code: 0 succeeded or planned, 1 not, 2 no answer within five minutes.
import { readFileSync } from "node:fs";
import { ServiceBusClient } from "@azure/service-bus";

const { ServiceBus } = process.env;
const [, , file] = process.argv;
if (!file || !ServiceBus) {
  console.error("Usage: ServiceBus='Endpoint=sb://…' node send-message.mjs message.json");
  process.exit(2);
}

const message = JSON.parse(readFileSync(file, "utf8"));
const client = new ServiceBusClient(ServiceBus);
const session = await client.acceptSession("vpn-connection-events", "replies", message.replyToSessionId);
await client.createSender("vpn-connection-requests").sendMessages(message);
const [answer] = await session.receiveMessages(1, { maxWaitTimeInMs: 300_000 });
if (answer) {
  console.log(JSON.stringify(answer.body, null, 2));
  await session.completeMessage(answer);
}
process.exitCode = answer ? Number(!["Succeeded", "Planned"].includes(answer.body.data.outcome)) : 2;
await client.close();
