import assert from "node:assert/strict";
import { before, test } from "node:test";
import { triggerOf } from "../../local/functions-host/app/load-app.ts";
import type { HistoryEvent } from "../../local/functions-host/durable/events.ts";
import { startProduct } from "../support/product.ts";
import { scenarios } from "./scenarios.ts";
import { shapeOf, shapeOfHistory } from "./shape.ts";
import { onlyOfExtension, onlyOfOurs } from "./shape-differences.ts";
import { stageOf } from "./stage.ts";
import { readTapes } from "./tape.ts";

// What our engine says to the app beside what the Durable Task extension says, property by
// property.

/** Branches of our engine that have every kind of event. */
const played = ["created", "waited-for-the-lease", "cancelled-while-waiting", "planned"] as const;
const parts = ["orchestrator", "history", "entity", "activity", "client"] as const;
type Shapes = Readonly<Record<(typeof parts)[number], Set<string>>>;
const none = (): Shapes => ({ orchestrator: new Set(), history: new Set(), entity: new Set(), activity: new Set(), client: new Set() });

const theirs = none();
const ours = none();
const note = (shapes: Shapes, part: (typeof parts)[number], found: readonly string[]) => {
  for (const path of found) shapes[part].add(path);
};

before(async () => {
  for (const { orchestrations, entities, activities, client } of Object.values(readTapes())) {
    for (const { envelope, history, metadata } of orchestrations) {
      note(theirs, "orchestrator", [...shapeOf(envelope, "input"), ...shapeOf(metadata, "metadata")]);
      note(theirs, "history", shapeOfHistory(history));
    }
    for (const { given, metadata } of entities) note(theirs, "entity", [...shapeOf(given, "input"), ...shapeOf(metadata, "metadata")]);
    for (const { metadata } of activities) note(theirs, "activity", shapeOf(metadata, "metadata"));
    note(theirs, "client", shapeOf(client, "client"));
  }
  const product = await startProduct({
    invoked(target, { trigger, triggerMetadata = {}, durableClient, parsed }) {
      const metadata = shapeOf(triggerMetadata, "metadata");
      const { type } = triggerOf(target);
      if (durableClient !== undefined) note(ours, "client", shapeOf(JSON.parse(durableClient), "client"));
      if (type === "activityTrigger") note(ours, "activity", metadata);
      if (type === "entityTrigger") note(ours, "entity", [...shapeOf(JSON.parse(trigger.string ?? "null"), "input"), ...metadata]);
      if (type !== "orchestrationTrigger") return;
      const { history, input, instanceId, ...envelope } = parsed as { history: HistoryEvent[]; input: unknown; instanceId: string };
      note(ours, "orchestrator", [...shapeOf(envelope, "input"), ...metadata]);
      note(ours, "history", shapeOfHistory(history));
    },
  });
  try {
    for (const [index, name] of played.entries()) {
      const run = await product.run();
      try {
        await scenarios[name]?.(stageOf(product, run, name, index + 1));
      } finally {
        await run.stop();
      }
    }
  } finally {
    await product.stop();
  }
});

for (const part of parts) {
  test(`${part}: our engine differs from the extension in what is known, and in nothing else`, () => {
    const left = (from: Set<string>, without: Set<string>) => [...from].filter((path) => !without.has(path)).sort();
    assert.deepEqual(
      { extension: left(theirs[part], ours[part]), ours: left(ours[part], theirs[part]) },
      { extension: onlyOfExtension[part], ours: onlyOfOurs[part] },
    );
  });
}
