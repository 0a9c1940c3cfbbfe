import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { defineCommand, runCommand } from "../tools/command-line.ts";
import { billMonth, billPremium, billRequests, totalOf } from "./cost/bill.ts";
import { describeTransactions, readTransactions, requestsThatMake, type Transactions } from "./cost/compare.ts";
import { durations, type Measured, measureCounts } from "./cost/counts.ts";
import { type Prices, priceFile, readPrices } from "./cost/prices.ts";
import { priceApi, refreshPrices } from "./cost/refresh.ts";
import { costTables, REQUESTS } from "./cost/tables.ts";

// `npm run cost`: counts the work of requests on the local stack, and multiplies it by prices.

const MOST_REQUESTS = 40;

interface Options {
  readonly requests: number;
  readonly prices: string;
  readonly keep?: string;
  readonly compare?: string;
  readonly json?: true;
  readonly refresh?: true;
  readonly region: string;
  readonly api: string;
}

await runCommand(
  defineCommand("npm run cost", "Says what requests cost in Azure: counted work, times dated prices.", "npm run cost -- --json")
    .option("--requests <number>", `requests of each duration, 1 to ${MOST_REQUESTS}`, wholeNumber, 1)
    .option("--prices <file>", "the prices", priceFile)
    .option("--keep <folder>", "keep the host's log, its store and the calls of Resource Manager, to count again")
    .option("--compare <file>", "compare the modelled storage transactions with Azure's metric Transactions (docs/cost.md)")
    .option("--json", "print JSON")
    .option("--refresh", "first write the prices of today to the file, from the public price API")
    .option("--region <name>", "the region whose prices --refresh reads", "westus2")
    .option("--api <url>", "the price API that --refresh reads", priceApi)
    .action(run),
);

async function run({ requests, prices: file, keep, compare, json, refresh, region, api }: Options): Promise<void> {
  let prices = readPrices(file);
  const transactions = compare === undefined ? undefined : readTransactions(compare);
  if (refresh) {
    prices = await refreshPrices(prices, { region, api, now: new Date() });
    writeFileSync(file, `${JSON.stringify(prices, null, 2)}\n`);
  }
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "build.ts"), "--quiet"], { stdio: ["ignore", 2, 2] });
  const measured = await measureCounts({ requests, durations, keep });
  if (json) return console.log(JSON.stringify({ ...asData(measured, prices), ...asComparison(measured, transactions) }));
  console.log(asText(measured, prices));
  if (transactions) console.log(`\n${describeTransactions(transactions, measured)}`);
}

function asText(measured: Measured, prices: Prices): string {
  const { counts, requests, month } = costTables(measured, prices);
  const dates = Object.values(prices.prices).map(({ date }) => date);
  return `${counts}\n${requests}\n${month}
Measured on the local stack: executions, calls, messages, log lines, histories. *Modelled*: the time
of instances, operations of Service Bus, rows of the host's own log, and storage transactions. The
low bound is that everything overlaps, the high one that nothing does. Free amounts of a month are
not deducted. Prices are of ${dates.toSorted()[0]} to ${dates.toSorted().at(-1)}: docs/cost.md has their sources.`;
}

function asData(measured: Measured, prices: Prices) {
  const month = billMonth(measured, prices);
  return {
    currency: prices.currency,
    requestsMeasured: measured.requests,
    perRequests: REQUESTS,
    durations: measured.counts.map((counts) => {
      const lines = billRequests(counts, REQUESTS, prices);
      return { ...counts, cost: { lines, ...totalOf(lines) } };
    }),
    month: { lines: month, ...totalOf(month), premium: billPremium(prices) },
    timers: measured.timers,
    prices: prices.prices,
  };
}

function asComparison(measured: Measured, transactions: Transactions | undefined) {
  if (!transactions) return {};
  return { transactions: { counted: Object.fromEntries(transactions), expectedOf: requestsThatMake(transactions, measured) } };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > MOST_REQUESTS)
    throw new InvalidArgumentError(`It takes a whole number from 1 to ${MOST_REQUESTS}.`);
  return number;
}
