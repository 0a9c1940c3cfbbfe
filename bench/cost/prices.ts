import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { WrongUse } from "../../tools/command-line.ts";

const meterSchema = z.strictObject({
  serviceName: z.string(),
  productName: z.string(),
  skuName: z.string(),
  meterName: z.string(),
});

const priceSchema = z.strictObject({
  /** What `per` units cost. */
  amount: z.number().nonnegative(),
  per: z.number().positive(),
  unit: z.string().min(1),
  region: z.string().min(1),
  /** The day on which the price was known to be right. */
  date: z.iso.date(),
  url: z.url({ protocol: /^https$/ }),
  /** How sure the figure is, and why. */
  sure: z.string().min(1),
  /** How the price API names it. */
  meter: meterSchema,
});

/** One price, and where it is from. */
export type Price = z.infer<typeof priceSchema>;

/** The prices that a bill needs. */
export const priceNames = [
  ...(["onDemandSecond", "onDemandExecution", "alwaysReadyBaseline", "alwaysReadySecond"] as const),
  ...(["serviceBusHour", "serviceBusOperation", "serviceBusPremiumHour", "logGigabyte"] as const),
  ...(["tableTransaction", "blobWrite", "blobRead", "tableGigabyteMonth"] as const),
] as const;
export type PriceName = (typeof priceNames)[number];

const pricesSchema = z.strictObject({ currency: z.string().length(3), prices: z.record(z.enum(priceNames), priceSchema) });
export type Prices = z.infer<typeof pricesSchema>;

/** The prices of this project. */
export const priceFile = join(import.meta.dirname, "..", "..", "infra", "prices.json");

/** Reads a file of prices. Throws a sentence that says what is wrong with it. */
export function readPrices(file: string): Prices {
  if (!existsSync(file)) throw new WrongUse(`There is no file ${file}. The prices of this project are in infra/prices.json.`);
  const text = readFileSync(file, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WrongUse(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { success, data, error } = pricesSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new WrongUse(`${file}: ${issue?.path.join(".")}: ${issue?.message}. Compare it with infra/prices.json of the repository.`);
}

/** Returns the price of one unit. */
export function unitPrice({ prices }: Prices, name: PriceName): number {
  const { amount, per } = prices[name];
  return amount / per;
}
