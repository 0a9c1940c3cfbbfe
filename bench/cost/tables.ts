import { formatTable } from "../simulation/tables.ts";
import { workOfRequest } from "../work-per-request.ts";
import { billMonth, billPremium, billRequests, totalOf } from "./bill.ts";
import type { Measured } from "./counts.ts";
import type { Prices } from "./prices.ts";

/** Bills are for so many requests. */
export const REQUESTS = 1_000;

/** Returns the tables of `npm run cost` and of docs/cost.md, by name. */
export function costTables(measured: Measured, prices: Prices): Readonly<Record<"counts" | "requests" | "month" | "prices", string>> {
  return {
    counts: tableOfCounts(measured),
    requests: tableOfRequests(measured, prices),
    month: tableOfMonth(measured, prices),
    prices: tableOfPrices(prices),
  };
}

function tableOfCounts({ counts }: Measured): string {
  const groups = [...new Set(counts.flatMap((each) => Object.keys(each.groups)))].sort();
  const head = ["for one request", ...counts.map(({ name }) => name), "how it is known"];
  const row = (name: string, known: string, value: (each: Measured["counts"][number]) => string) => [name, ...counts.map(value), known];
  const whole = (value: number) => Math.round(value).toLocaleString("en");
  return formatTable([
    head,
    row("polls", "measured", ({ polls }) => whole(polls)),
    ...groups.map((group) => row(`executions in \`${group}\``, "measured", (each) => whole(each.groups[group] ?? 0))),
    row("calls of Resource Manager", "measured", ({ resourceManagerCalls }) => whole(resourceManagerCalls)),
    row("messages", "measured", ({ messages }) => whole(messages)),
    row("KB of log lines", "measured", ({ logBytes }) => roundKilobytes(logBytes)),
    row("KB of history", "measured", ({ historyBytes }) => roundKilobytes(historyBytes)),
    row("storage transactions", "*modelled*", ({ polls }) => whole(workOfRequest(polls).storageTransactions)),
  ]);
}

function tableOfRequests({ counts }: Measured, prices: Prices): string {
  const bills = counts.map((each) => billRequests(each, REQUESTS, prices));
  const [first = []] = bills;
  const rows = first.map(({ name, known }, index) => [
    known === "modelled" ? `${name} (*modelled*)` : name,
    ...bills.map((lines) => range(lines[index] ?? { low: 0, high: 0 })),
  ]);
  const totals = ["**in all**", ...bills.map((lines) => `**${range(totalOf(lines))}**`)];
  return formatTable([
    [`${prices.currency} for ${REQUESTS.toLocaleString("en")} requests`, ...counts.map(({ name }) => name)],
    ...rows,
    totals,
  ]);
}

function tableOfMonth(measured: Measured, prices: Prices): string {
  const lines = billMonth(measured, prices);
  const rows = [...lines, billPremium(prices)].map((line) => [
    line.known === "modelled" ? `${line.name} (*modelled*)` : line.name,
    range(line),
  ]);
  rows.splice(lines.length, 0, ["**in all**", `**${range(totalOf(lines))}**`]);
  return formatTable([["in 30 days, without a request", prices.currency], ...rows]);
}

function tableOfPrices({ prices, currency }: Prices): string {
  return formatTable([
    ["price", currency, "region", "date", "how sure"],
    ...Object.values(prices).map(({ amount, per, unit, region, date, url, sure }) => [
      `[${per === 1 ? "" : `${per.toLocaleString("en")} `}${unit}](${encodeURI(url)})`,
      String(amount),
      region,
      date,
      sure,
    ]),
  ]);
}

/** Returns bounds, or one figure if they are the same. */
function range({ low, high }: { readonly low: number; readonly high: number }): string {
  const [from, to] = [formatMoney(low), formatMoney(high)];
  return from === to ? from : `${from} to ${to}`;
}

function formatMoney(amount: number): string {
  if (amount === 0) return "0";
  if (amount < 0.01) return "< 0.01";
  return amount < 100 ? amount.toFixed(2) : Math.round(amount).toLocaleString("en");
}

/** Bytes differ a little from run to run, because ports and times are in them. */
function roundKilobytes(bytes: number): string {
  const step = bytes < 10_000 ? 1_000 : 10_000;
  return (Math.ceil(bytes / step) * (step / 1_000)).toLocaleString("en");
}
