import type { History } from "../events.ts";

/** When everything has its answer nothing is held, nothing runs and nothing lies about. */
export function leftovers({ trace: { left } }: History): string[] {
  return [
    ...left.leases.map((lease) => `The lease of ${lease} is not free.`),
    ...left.instances.map((instance) => `Instance ${instance} has not ended.`),
    ...left.messages.map((message) => `A message lies about: ${message}.`),
    ...left.processes.map((process) => `A process is left: ${process}.`),
  ];
}
