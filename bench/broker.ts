import type { ServiceBusClient } from "@azure/service-bus";
import { own, queue, type RunningBroker, reference, startBrokers } from "./brokers.ts";

const AIM = 0.8;
const TURNS = 5;
const MESSAGES = 3_000;
const ARRAY = 100;
const body = "x".repeat(200);

/** The steps of one turn, in this order: the second receives the messages of the first. */
const works: readonly { readonly name: string; readonly run: (client: ServiceBusClient) => Promise<void> }[] = [
  { name: `send, arrays of ${ARRAY}`, run: sendArrays },
  { name: "receive and complete, 16 at once", run: (client) => receive(client, 16).all },
  { name: "send and receive together, 32 at once", run: sendAndReceive },
];

/** Measures messages a second of the local broker, and of the reference broker if there is one. */
export async function benchBroker(): Promise<string> {
  const brokers = await startBrokers();
  try {
    const rates = await measure(brokers);
    const rateOf = (broker: string, work: string) => median(rates.get(`${broker} ${work}`) ?? []);
    const compared = brokers.some(({ name }) => name === reference);
    const rows = works.map(({ name }) => {
      const ratio = compared ? (rateOf(own, name) / rateOf(reference, name)).toFixed(2) : "";
      return [name.padEnd(40), ...brokers.map((broker) => rateOf(broker.name, name).toFixed(0).padStart(18)), ratio.padStart(8)].join("");
    });
    return [
      `${MESSAGES} messages of ${body.length} bytes, ${TURNS} turns, messages a second (median):`,
      ["".padEnd(40), ...brokers.map(({ name }) => name.padStart(18)), "ratio".padStart(8)].join(""),
      ...rows,
      compared ? `Aim: at least ${AIM} × the reference in each row.` : "No reference broker found. Set REFERENCE_DIR to its directory.",
    ].join("\n");
  } finally {
    for (const broker of brokers) await broker.stop();
  }
}

/** Brokers take turns, and each turn begins with another broker. The first turn is a warm-up. */
async function measure(brokers: readonly RunningBroker[]): Promise<Map<string, number[]>> {
  const rates = new Map<string, number[]>();
  for (let turn = -1; turn < TURNS; turn++) {
    for (const offset of brokers.keys()) {
      const { name, client } = brokers[(turn + 1 + offset) % brokers.length] as RunningBroker;
      for (const work of works) {
        const started = performance.now();
        await work.run(client);
        const rate = (MESSAGES / (performance.now() - started)) * 1000;
        const key = `${name} ${work.name}`;
        if (turn >= 0) rates.set(key, [...(rates.get(key) ?? []), rate]);
      }
    }
  }
  return rates;
}

async function sendArrays(client: ServiceBusClient): Promise<void> {
  const sender = client.createSender(queue);
  for (let sent = 0; sent < MESSAGES; sent += ARRAY) await sender.sendMessages(Array.from({ length: ARRAY }, () => ({ body })));
  await sender.close();
}

/** Starts to receive. `all` resolves when all messages are completed and the receiver is closed. */
function receive(client: ServiceBusClient, maxConcurrentCalls: number): { all: Promise<void> } {
  const { promise: last, resolve, reject } = Promise.withResolvers<void>();
  const receiver = client.createReceiver(queue);
  let completed = 0;
  receiver.subscribe(
    {
      async processMessage(message) {
        await receiver.completeMessage(message);
        if (++completed === MESSAGES) resolve();
      },
      processError: async ({ error }) => reject(error),
    },
    { maxConcurrentCalls, autoCompleteMessages: false },
  );
  return { all: last.finally(() => receiver.close()) };
}

async function sendAndReceive(client: ServiceBusClient): Promise<void> {
  const inFlight = 32;
  const received = receive(client, inFlight).all;
  const sender = client.createSender(queue);
  let left = MESSAGES;
  const sendOnes = async () => {
    while (left-- > 0) await sender.sendMessages({ body });
  };
  await Promise.all([received, ...Array.from({ length: inFlight }, sendOnes)]);
  await sender.close();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
