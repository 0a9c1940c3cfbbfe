import { startTestStack } from "../support/running-stack.ts";
import { playCompletions, writeCompletions } from "./completions.ts";
import { reader } from "./play.ts";

// Writes examples/completions/ anew: `node local/node.js test/examples/record.ts`, after
// `npm run build`. Needed if a text or a field of answers has changed.

const stack = await startTestStack();
try {
  writeCompletions(await playCompletions(reader(stack), stack.dataDirectory));
} finally {
  await stack.stop();
}
