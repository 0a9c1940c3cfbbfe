import { existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import { WrongUse } from "../../tools/command-line.ts";
import { formatTable } from "../simulation/tables.ts";
import { workOfRequest } from "../work-per-request.ts";
import type { Measured } from "./counts.ts";

/** What an idle task hub does most: reads of queues, with or without a message. */
const IDLE = "GetMessages";

// https://learn.microsoft.com/rest/api/monitor/metrics/list#response; there are more fields.
const metricsSchema = z.object({
  value: z.array(
    z.object({
      name: z.object({ value: z.string() }),
      timeseries: z.array(
        z.object({
          metadatavalues: z.array(z.object({ name: z.object({ value: z.string() }), value: z.string() })),
          data: z.array(z.object({ total: z.number().nullish() })),
        }),
      ),
    }),
  ),
});

/** Transactions of a storage account, by the name of the operation. */
export type Transactions = ReadonlyMap<string, number>;

/** Reads the metric `Transactions` by `ApiName`, as the Azure CLI prints it. */
export function readTransactions(file: string): Transactions {
  if (!existsSync(file)) throw new WrongUse(`There is no file ${file}.`);
  const wrong = new WrongUse(
    `${file} is not the metric Transactions by ApiName. Make it with: az monitor metrics list --resource <storage account id> --metric Transactions --dimension ApiName --aggregation Total --interval PT1H --output json`,
  );
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw wrong;
  }
  const { data: metrics } = metricsSchema.safeParse(json);
  const transactions = new Map<string, number>();
  for (const { timeseries } of metrics?.value.filter(({ name }) => name.value === "Transactions") ?? []) {
    for (const { metadatavalues, data } of timeseries) {
      const operation = metadatavalues.find(({ name }) => name.value.toLowerCase() === "apiname")?.value;
      if (operation === undefined) throw wrong;
      const total = data.reduce((sum, each) => sum + (each.total ?? 0), 0);
      transactions.set(operation, (transactions.get(operation) ?? 0) + total);
    }
  }
  if (transactions.size === 0) throw wrong;
  return transactions;
}

/** Returns for how many requests of each duration the model expects so many transactions. */
export function requestsThatMake(transactions: Transactions, { counts }: Measured): { readonly name: string; readonly requests: number }[] {
  const work = [...transactions].reduce((sum, [operation, count]) => sum + (operation === IDLE ? 0 : count), 0);
  return counts.map(({ name, polls }) => ({ name, requests: work / workOfRequest(polls).storageTransactions }));
}

/** Returns the comparison as text. */
export function describeTransactions(transactions: Transactions, measured: Measured): string {
  const sorted = [...transactions].sort(([, one], [, other]) => other - one);
  const rows = sorted.map(([operation, count]) => [operation, Math.round(count).toLocaleString("en")]);
  const expected = requestsThatMake(transactions, measured).map(({ name, requests }) => `${requests.toFixed(1)} requests (${name})`);
  return `${formatTable([["storage transactions", "count"], ...rows])}
Without ${IDLE}, which an idle task hub makes, too, these are as many as the model expects of
${expected.join(", or ")}.
Compare this with the number of requests in the same time.`;
}
