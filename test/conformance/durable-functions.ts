import { after, before, describe } from "node:test";
import { activities } from "./durable/activities.ts";
import { answers } from "./durable/answers.ts";
import { type DurableHost, driverOf } from "./durable/driver.ts";
import { entities } from "./durable/entities.ts";
import { events } from "./durable/events.ts";
import { instances } from "./durable/instances.ts";
import { tasks } from "./durable/tasks.ts";
import { timers } from "./durable/timers.ts";

/**
 * What any host of Durable Functions shows whoever talks HTTP to the app in durable-app/: the
 * features that the product uses, and those beside them. Every group names its sources.
 */
export function durableConformance(start: () => Promise<DurableHost & { stop(): Promise<void> }>, name = "Durable Functions"): void {
  describe(name, { concurrency: true }, () => {
    let host: Awaited<ReturnType<typeof start>>;
    before(async () => {
      host = await start();
    });
    after(() => host?.stop());
    const driver = driverOf(() => host);
    for (const group of [activities, timers, events, entities, tasks, instances, answers]) group(driver);
  });
}
