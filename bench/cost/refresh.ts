import { type Price, type PriceName, type Prices, priceNames } from "./prices.ts";

/** The public price API: https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices */
export const priceApi = "https://prices.azure.com/api/retail/prices";
const MOST_PAGES = 200;
const TIMEOUT_MS = 30_000;

/** A price as the API gives it. There are more fields. */
interface Item {
  readonly currencyCode: string;
  readonly retailPrice: number;
  readonly tierMinimumUnits: number;
  readonly unitOfMeasure: string;
  readonly armRegionName: string;
  readonly serviceName: string;
  readonly productName: string;
  readonly skuName: string;
  readonly meterName: string;
  readonly type: string;
}

/** What to ask, and when. */
export interface RefreshOptions {
  readonly region: string;
  readonly api: string;
  readonly now: Date;
}

/**
 * Returns the prices as the API gives them for a region. Throws a sentence that names the price if
 * the API does not have it, so that no old price stays beside new ones.
 */
export async function refreshPrices(old: Prices, { region, api, now }: RefreshOptions): Promise<Prices> {
  const services = [...new Set(Object.values(old.prices).map(({ meter }) => meter.serviceName))];
  const items = new Map<string, Item[]>();
  for (const service of services) items.set(service, await readItems(queryOf(api, service, region), api));
  const refreshed = Object.fromEntries(
    priceNames.map((name) => {
      const price = old.prices[name];
      return [name, refreshPrice(name, price, items.get(price.meter.serviceName) ?? [], { region, api, now })];
    }),
  ) as Record<PriceName, Price>;
  const [currency = old.currency] = [...items.values()].flat().map(({ currencyCode }) => currencyCode);
  return { currency, prices: refreshed };
}

function refreshPrice(name: PriceName, price: Price, items: readonly Item[], { region, api, now }: RefreshOptions): Price {
  const { serviceName, productName, skuName, meterName } = price.meter;
  const found = items
    .filter((item) => item.productName === productName && item.skuName === skuName && item.meterName === meterName)
    .filter((item) => item.type === "Consumption" && item.armRegionName === region && item.retailPrice > 0)
    // The first part of a month's use may be free, and a large use cheaper.
    .sort((one, other) => one.tierMinimumUnits - other.tierMinimumUnits);
  const [item] = found;
  if (!item)
    throw new Error(
      `The price API has no price "${name}" in ${region} (service ${serviceName}, product ${productName}, SKU ${skuName}, meter ${meterName}). Nothing was changed. Correct its meter in infra/prices.json, or choose another --region.`,
    );
  return {
    ...price,
    amount: round((item.retailPrice / unitsOf(item.unitOfMeasure, name)) * price.per),
    region,
    date: now.toISOString().slice(0, 10),
    url: decodeURIComponent(queryOf(api, serviceName, region)),
    sure: "good: asked from the price API on this date",
  };
}

/** Returns how many units a price is for: "10K" is 10,000, "1 GB Second" is 1. */
export function unitsOf(unitOfMeasure: string, name: string): number {
  const [, digits, letter] = /^(\d+)(K|M)?(?![\w])/.exec(unitOfMeasure) ?? [];
  if (digits === undefined)
    throw new Error(`The price API gives "${name}" for "${unitOfMeasure}", which is not a number of units. Nothing was changed.`);
  return Number(digits) * { K: 1_000, M: 1_000_000, none: 1 }[(letter ?? "none") as "K" | "M" | "none"];
}

function queryOf(api: string, serviceName: string, region: string): string {
  const filter = `serviceName eq '${serviceName}' and armRegionName eq '${region}' and priceType eq 'Consumption'`;
  return `${api}?$filter=${encodeURIComponent(filter)}`;
}

/** Reads all pages of an answer. Only pages of the same server are followed. */
async function readItems(first: string, api: string): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = first;
  for (let page = 0; next && page < MOST_PAGES; page++) {
    const response: Response = await fetch(next, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
      throw new Error(
        `The price API cannot be reached: ${(error.cause as Error | undefined)?.message ?? error.message}. Nothing was changed.`,
      );
    });
    if (!response.ok) throw new Error(`The price API returned status ${response.status}. Nothing was changed.`);
    const { Items, NextPageLink } = (await response.json()) as { Items: Item[]; NextPageLink: string | null };
    items.push(...Items);
    if (NextPageLink && new URL(NextPageLink).hostname !== new URL(api).hostname)
      throw new Error(`The price API names a page of another server: ${new URL(NextPageLink).hostname}. Nothing was changed.`);
    next = NextPageLink;
  }
  return items;
}

/** Without the noise of floating point. */
const round = (value: number) => Number(value.toPrecision(10));
