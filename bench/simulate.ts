import { scaleTables } from "./simulation/scale-tables.ts";

/** Simulates the loads of docs/scale.md. It measures nothing on this machine. */
export function benchSimulate(): string {
  const { loads, waits, capacities } = scaleTables();
  return `What arrives for each resource, of what it can carry:
${loads}
How long requests wait:
${waits}
What each resource carries if nothing else limits it:
${capacities}`;
}
