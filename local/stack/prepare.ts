import { WrongUse } from "../../tools/command-line.ts";
import { prepareAzurite } from "../azurite/prepare.ts";
import { prepareExtension } from "../functions-host/extension/prepare.ts";
import type { StackOptions } from "./options.ts";

/**
 * Prepares the parts of the Durable Task extension on first use. Throws a sentence if it cannot run
 * on this machine, or not with these options.
 */
export async function prepareExtensionEngine({
  speed,
  rough,
  say = () => {},
}: Pick<StackOptions, "speed" | "rough" | "say">): Promise<void> {
  if (speed !== 1) throw new WrongUse("--speed cannot be combined with --engine extension: the Durable Task extension runs in real time.");
  if (rough !== undefined) throw new WrongUse("--rough cannot be combined with --engine extension: only our own engine can be made rough.");
  await prepareExtension(say);
  await prepareAzurite(say);
}
