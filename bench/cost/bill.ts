import { creditsPerRequest, workOfRequest } from "../work-per-request.ts";
import type { Counts, Measured } from "./counts.ts";
import { type PriceName, type Prices, unitPrice } from "./prices.ts";

/** How a figure is known. */
export type Known = "measured" | "modelled";

/** One line of a bill: an amount, and what it costs at least and at most. */
export interface BillLine {
  readonly name: string;
  readonly known: Known;
  readonly low: number;
  readonly high: number;
}

/** The memory of an instance, the default of infra/main.bicep. */
export const instanceGigabytes = 2;
/** Memory for each core of an instance, in every size of Flex Consumption. */
const GIGABYTES_PER_CORE = 2;
/** Flex Consumption bills at least a second for each time that an instance becomes active. */
const LEAST_SECONDS = 1;
/**
 * Processor time of one execution in Node: 25.8 ms for the 20 executions of a request that is done
 * at once (bench/README.md, throughput). An instance that is never idle needs no less.
 */
const CORE_SECONDS = 0.0258 / 20;
/** Assumed: Resource Manager answers each call within a second. */
const SECONDS_PER_CALL = 1;
/** Assumed: the host writes so many rows for one execution, each with so many bytes. */
const HOST_ROWS = 3;
const BYTES_PER_ROW = 2_000;
/** Table Storage keeps a character of a text in two bytes. */
const BYTES_PER_CHARACTER = 2;
/** Reads of an idle task hub with four partitions, of one instance: docs/scale.md. */
const IDLE_READS_PER_DAY = 43_200;
const MONTH = { days: 30, hours: 720, seconds: 2_592_000 };
const GIGABYTE = 1e9;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Returns what a number of requests of one duration cost, line by line. */
export function billRequests(counts: Counts, requests: number, prices: Prices): BillLine[] {
  const price = (name: PriceName) => unitPrice(prices, name);
  const executions = sum(Object.values(counts.groups));
  const durable = counts.groups["durable"] ?? 0;
  const storage = workOfRequest(counts.polls).storageTransactions;
  const leastGigabyteSeconds = CORE_SECONDS * GIGABYTES_PER_CORE;
  const mostSeconds = executions * LEAST_SECONDS + counts.resourceManagerCalls * SECONDS_PER_CALL;
  const lines: readonly BillLine[] = [
    {
      name: "time of instances",
      known: "modelled",
      low: leastGigabyteSeconds * (durable * price("alwaysReadySecond") + (executions - durable) * price("onDemandSecond")),
      high: mostSeconds * instanceGigabytes * Math.max(price("onDemandSecond"), price("alwaysReadySecond")),
    },
    { name: "executions", known: "measured", low: executions * price("onDemandExecution"), high: executions * price("onDemandExecution") },
    { name: "operations of Service Bus", known: "modelled", low: 0, high: creditsPerRequest * price("serviceBusOperation") },
    {
      name: "logs",
      known: "modelled",
      low: (counts.logBytes / GIGABYTE) * price("logGigabyte"),
      high: ((counts.logBytes + executions * HOST_ROWS * BYTES_PER_ROW) / GIGABYTE) * price("logGigabyte"),
    },
    {
      name: "storage transactions",
      known: "modelled",
      low: storage * Math.min(price("tableTransaction"), price("blobWrite")),
      high: storage * Math.max(price("tableTransaction"), price("blobWrite")),
    },
    {
      name: "history, kept for a month",
      known: "measured",
      low: (counts.historyBytes / GIGABYTE) * price("tableGigabyteMonth"),
      high: ((BYTES_PER_CHARACTER * counts.historyBytes) / GIGABYTE) * price("tableGigabyteMonth"),
    },
  ];
  return lines.map((line) => ({ ...line, low: line.low * requests, high: line.high * requests }));
}

/** Returns what a month costs without a request. */
export function billMonth({ timers }: Measured, prices: Prices): BillLine[] {
  const price = (name: PriceName) => unitPrice(prices, name);
  const fixed = (name: string, known: Known, amount: number): BillLine => ({ name, known, low: amount, high: amount });
  const timerExecutions = sum(Object.values(timers));
  const reads = IDLE_READS_PER_DAY * MONTH.days;
  const readPrices = [price("tableTransaction"), price("blobRead")];
  return [
    fixed("one instance, always ready for orchestrations", "modelled", MONTH.seconds * instanceGigabytes * price("alwaysReadyBaseline")),
    // Each timer function has instances of its own, so its executions overlap with no other one.
    fixed(
      `timer functions, ${timerExecutions.toLocaleString("en")} executions`,
      "modelled",
      timerExecutions * (LEAST_SECONDS * instanceGigabytes * price("onDemandSecond") + price("onDemandExecution")),
    ),
    { name: "reads of idle queues", known: "modelled", low: reads * Math.min(...readPrices), high: reads * Math.max(...readPrices) },
    fixed("Service Bus Standard", "modelled", MONTH.hours * price("serviceBusHour")),
  ];
}

/** Returns what Service Bus costs in a month with a private network, which needs Premium. */
export function billPremium(prices: Prices): BillLine {
  const amount = MONTH.hours * unitPrice(prices, "serviceBusPremiumHour");
  return { name: "Service Bus Premium, in place of Standard", known: "modelled", low: amount, high: amount };
}

/** Adds up lines. */
export function totalOf(lines: readonly BillLine[]): { readonly low: number; readonly high: number } {
  return { low: sum(lines.map(({ low }) => low)), high: sum(lines.map(({ high }) => high)) };
}
