import { loads } from "./loads.ts";
import { runLoad } from "./run-load.ts";
import { tableOfCapacities, tableOfLimits, tableOfLoads, tableOfSetups, tableOfWaits, tableOfWork } from "./tables.ts";

/** Returns the tables of docs/scale.md by their names. */
export function scaleTables(): Readonly<Record<string, string>> {
  const outcomes = loads.map((load) => runLoad(load));
  return {
    work: tableOfWork(),
    limits: tableOfLimits(),
    capacities: tableOfCapacities(),
    setups: tableOfSetups(),
    loads: tableOfLoads(outcomes),
    waits: tableOfWaits(outcomes),
  };
}
