import { callsPerRequest, creditsPerRequest, type Work, workOfRequest, workPerRequest } from "../work-per-request.ts";
import { limits } from "./azure-limits.ts";
import { capacities } from "./capacity.ts";
import { type Resource, resources } from "./demand.ts";
import { type Load, loads, secondsOfDay, secondsOfNight, shareOfNight } from "./loads.ts";
import { meanOverRecorded } from "./operations.ts";
import type { Outcome } from "./run-load.ts";
import type { Spread } from "./spread.ts";

const nameOf: Readonly<Record<Resource, string>> = {
  gateways: "busy gateways",
  partitions: "partitions",
  instances: "instances",
  storage: "storage account",
  serviceBus: "Service Bus",
  reads: "reads of Azure",
  writes: "writes to Azure",
};

/** Returns rows as a table of Markdown. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows;
  const lines = [head, head.map(() => "---"), ...others];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Returns the table of what one request costs. */
export function tableOfWork(): string {
  const { withOnePoll, furtherPoll, look } = workPerRequest;
  const polls = meanOverRecorded((times) => times.length);
  const recorded = workOfRequest(polls);
  const row = (name: string, kind: keyof Work) => [name, ...[withOnePoll, furtherPoll, look, recorded].map((work) => round(work[kind]))];
  const { readsBesidesPolls, readsPerPoll, ownPreflightReads, sharedPreflightReads, writes } = callsPerRequest;
  const reads = (count: number) => round(readsBesidesPolls + count * readsPerPoll + ownPreflightReads);
  return formatTable([
    ["", "with one poll", "each further poll", "each look while it waits", `as recorded, ${polls.toFixed(1)} polls`],
    row("turns of its orchestrator", "orchestratorTurns"),
    row("turns of entities", "entityTurns"),
    row("activities", "activities"),
    row("storage transactions", "storageTransactions"),
    ["reads of Resource Manager", reads(1), round(readsPerPoll), "0", reads(polls)],
    ["shared reads, once a minute for each gateway and instance", round(sharedPreflightReads), "0", "0", round(sharedPreflightReads)],
    ["writes of Resource Manager", round(writes), "0", "0", round(writes)],
    ["credits of Service Bus", round(creditsPerRequest), "0", "0", round(creditsPerRequest)],
  ]);
}

/** Returns the table of documented limits. */
export function tableOfLimits(): string {
  const rows = limits.map(({ limit, value, source, copy }) => [limit, value, `[page](${source})`, copy ?? ""]);
  return formatTable([["limit", "value", "source", "date of the copy"], ...rows]);
}

/** Returns the table of what each resource carries if nothing else limits it. */
export function tableOfCapacities(): string {
  const rows = capacities().map(({ resource, requestsPerSecond }) => [
    resource,
    roundTo2(requestsPerSecond),
    roundTo2(requestsPerSecond * secondsOfDay),
    roundTo2((requestsPerSecond * secondsOfNight) / shareOfNight),
  ]);
  return formatTable([["resource", "requests a second", "requests a day, steady", "requests a day, change night"], ...rows]);
}

/** Returns the table of what is deployed for each load. */
export function tableOfSetups(): string {
  const rows = loads.map(({ name, gateways, setup }) => {
    const { partitions, instances, coresPerInstance } = setup;
    return [name, ...[gateways, partitions, instances, coresPerInstance].map(round)];
  });
  const different = rows.filter(([name], index) => name !== rows[index - 1]?.[0]);
  return formatTable([["requests a day", "gateways", "partitions", "instances", "cores of each"], ...different]);
}

/** Returns the table of how loaded each resource is. */
export function tableOfLoads(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ load, loadOf }) => [
    ...describe(load),
    ...resources.map((resource) => percent(loadOf[resource])),
    firstLimit(loadOf),
  ]);
  return formatTable([["requests a day", "arrivals", ...resources.map((resource) => nameOf[resource]), "met first"], ...rows]);
}

/** Returns the table of how long requests wait. */
export function tableOfWaits(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ load, waits }) => [
    ...describe(load),
    ...(waits ? [waits.gateway, waits.other, waits.endToEnd].flatMap(bounds) : Array.from({ length: 6 }, () => withoutEnd[load.arrivals])),
  ]);
  const kinds = ["for the gateway", "for all else", "to the answer"];
  return formatTable([["requests a day", "arrivals", ...kinds.flatMap((kind) => [`${kind}, p50`, "p95"])], ...rows]);
}

function describe({ name, arrivals }: Load): string[] {
  return [name, arrivals === "steady" ? "steady" : "change night"];
}

function firstLimit(loadOf: Outcome["loadOf"]): string {
  const most = resources.reduce((highest, resource) => (loadOf[resource] > loadOf[highest] ? resource : highest));
  return loadOf[most] > 1 ? nameOf[most] : `none, ${nameOf[most]} are nearest`;
}

function bounds({ p50, p95 }: Spread): string[] {
  return [duration(p50), duration(p95)];
}

/** What is said of a load that is more than can be carried, and too long to be simulated. */
const withoutEnd: Readonly<Record<Load["arrivals"], string>> = { steady: "grows", night: "not simulated" };

function percent(share: number): string {
  return share < 0.01 ? "< 1 %" : `${Math.round(share * 100).toLocaleString("en")} %`;
}

function duration(seconds: number): string {
  if (seconds < 0.05) return "0 s";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 300) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

function round(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** More digits than two would say more than the model knows. */
function roundTo2(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString("en", { maximumSignificantDigits: 2 });
}
