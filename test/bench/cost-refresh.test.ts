import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { type Prices, priceFile, priceNames, readPrices } from "../../bench/cost/prices.ts";
import { refreshPrices, unitsOf } from "../../bench/cost/refresh.ts";

// `npm run cost -- --refresh` against a server that answers as the public price API does.

const old = readPrices(priceFile);
const now = new Date("2026-12-24T12:00:00Z");
let api = "";
/** What the server does in place of its ordinary answer. */
let trouble: "none" | "status" | "elsewhere" | "withoutTables" = "none";
const asked: string[] = [];

const unitOf: Readonly<Record<string, string>> = {
  onDemandExecution: "10",
  serviceBusOperation: "1M",
  tableTransaction: "10K",
  blobWrite: "10K",
  blobRead: "10K",
};
const countOf: Readonly<Record<string, number>> = { "10": 10, "1M": 1_000_000, "10K": 10_000 };

/** The items of a service: prices twice as high, after a free tier, beside wrong ones. */
function itemsOf(service: string): object[] {
  return priceNames.flatMap((name) => {
    const { meter, amount, per } = old.prices[name];
    if (meter.serviceName !== service || (trouble === "withoutTables" && meter.productName === "Tables")) return [];
    const unitOfMeasure = unitOf[name] ?? "1 GB Second";
    const retailPrice = 2 * (amount / per) * (countOf[unitOfMeasure] ?? 1);
    const item = { ...meter, unitOfMeasure, currencyCode: "USD", armRegionName: "westeurope", type: "Consumption", tierMinimumUnits: 0 };
    return [
      { ...item, tierMinimumUnits: 100_000, retailPrice },
      { ...item, tierMinimumUnits: 9_000_000, retailPrice: retailPrice / 2 },
      { ...item, retailPrice: 0 },
      { ...item, type: "Reservation", retailPrice: 99 },
      { ...item, armRegionName: "eastus", retailPrice: 98 },
      { ...item, meterName: `${meter.meterName} other`, retailPrice: 97 },
    ];
  });
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "", api);
  const filter = url.searchParams.get("$filter") ?? "";
  asked.push(filter);
  if (trouble === "status") return void response.writeHead(503).end();
  const service = /serviceName eq '([^']+)'/.exec(filter)?.[1] ?? "";
  const items = itemsOf(service);
  const skip = Number(url.searchParams.get("$skip") ?? 0);
  const size = 5;
  const next = new URL(url);
  next.searchParams.set("$skip", String(skip + size));
  const nextPage = trouble === "elsewhere" ? "http://elsewhere.example/" : skip + size < items.length ? next.href : null;
  response.end(JSON.stringify({ Items: items.slice(skip, skip + size), NextPageLink: nextPage }));
});
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/retail/prices`;
});
after(() => server.close());
const refresh = (region = "westeurope"): Promise<Prices> => refreshPrices(old, { region, api, now });

test("each price is the first that is not free, in its own unit, with region, date and address", async () => {
  const { prices, currency } = await refresh();
  assert.equal(currency, "USD");
  for (const name of priceNames) {
    const { amount, region, date, url, sure, per, meter } = prices[name];
    assert.ok(Math.abs(amount / (2 * old.prices[name].amount) - 1) < 1e-6, `${name}: ${amount}`);
    assert.deepEqual([region, date, per, meter], ["westeurope", "2026-12-24", old.prices[name].per, old.prices[name].meter]);
    assert.ok(url.startsWith(api) && url.includes("armRegionName eq 'westeurope'"), url);
    assert.match(sure, /^good: /);
  }
  assert.ok(asked.every((filter) => filter.includes("priceType eq 'Consumption'")));
});

test("a price that the API does not have is named, with its meter and what to do", async () => {
  trouble = "withoutTables";
  await assert.rejects(
    refresh(),
    /no price "tableTransaction" in westeurope \(.*product Tables.*\)\. Nothing was changed\. Correct its meter/,
  );
  trouble = "none";
  await assert.rejects(refresh("moon"), /no price "onDemandSecond" in moon/);
});

test("an API that fails, or names a page elsewhere, changes nothing", async () => {
  trouble = "status";
  await assert.rejects(refresh(), /The price API returned status 503\. Nothing was changed\./);
  trouble = "elsewhere";
  await assert.rejects(refresh(), /names a page of another server: elsewhere\.example\. Nothing was changed\./);
  trouble = "none";
  const away = { region: "westeurope", api: "http://127.0.0.1:1/", now };
  await assert.rejects(refreshPrices(old, away), /The price API cannot be reached: .*Nothing was changed\./);
});

test("units as the API writes them", () => {
  for (const [text, units] of [
    ["10", 10],
    ["10K", 10_000],
    ["1M", 1_000_000],
    ["1 GB Second", 1],
    ["1/Hour", 1],
    ["1 Hour", 1],
    ["1 GB/Month", 1],
    ["1 GB", 1],
  ] as const)
    assert.equal(unitsOf(text, "x"), units, text);
  assert.throws(() => unitsOf("GB", "x"), /gives "x" for "GB"/);
});
