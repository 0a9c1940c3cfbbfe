import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CompletionEvent } from "../../shared/contract/completion.ts";
import { eventsOf, examples, type reader } from "./play.ts";

type Reader = ReturnType<typeof reader>;
const folder = join(examples, "completions");

/** The answer to each example, by the name of its file in `examples/completions/`. */
export type Completions = Readonly<Record<string, CompletionEvent>>;

/** Returns a completion of each outcome, as a stack gives it to the requests of `examples/`. */
export async function playCompletions({ request, cancel, localAzure }: Reader, directory: string): Promise<Completions> {
  const answerTo = async (file: string) => firstOf(await request(file).ended);
  const written = (name: string, event: object) => {
    const file = join(directory, `${name}.json`);
    writeFileSync(file, JSON.stringify(event));
    return file;
  };
  const minimal = readExample("minimal.json");
  const { target, connection } = minimal.data;
  const [link] = connection.properties.vpnLinkConnections;
  const negative = [{ ...link, properties: { ...link?.properties, routingWeight: -1 } }];
  const invalid = {
    ...minimal,
    id: "f3b81c60-9e47-4d25-a7f0-2c6d5e8b1394",
    data: { target, connection: { properties: { ...connection.properties, vpnLinkConnections: negative } } },
  };
  const failing = {
    ...minimal,
    id: "7a2e94d8-0c5f-4b13-86ed-f19b3c70d526",
    data: { target: { ...target, connectionName: "branch-012" }, connection },
  };

  const succeeded = await answerTo("minimal.json");
  const planned = await answerTo("plan.json");
  const rejected = await answerTo(written("invalid", invalid));
  await localAzure("faults", "faults/failed-operation.json");
  const failed = await answerTo(written("failing", failing));
  const { cancelled, cancellation } = await cancel();
  for (const name of ["invalid", "failing"]) rmSync(join(directory, `${name}.json`));
  return { succeeded, planned, rejected, failed, cancelled: firstOf(cancelled), cancellation: firstOf(cancellation) };
}

function firstOf(ran: Awaited<ReturnType<Reader["request"]>["ended"]>): CompletionEvent {
  const [event] = eventsOf(ran);
  if (!event) throw new Error(`No answer: ${ran.err}`);
  return event;
}

interface Example {
  readonly data: {
    readonly target: object;
    readonly connection: { readonly properties: { readonly vpnLinkConnections: readonly { readonly properties: object }[] } };
  };
}

function readExample(name: string): Example {
  return JSON.parse(readFileSync(join(examples, name), "utf8")) as Example;
}

/** Returns a completion as its file has it. */
export function readCompletion(name: string): CompletionEvent {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as CompletionEvent;
}

/** Writes the files of `examples/completions/`. */
export function writeCompletions(completions: Completions): void {
  for (const [name, event] of Object.entries(completions))
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(event, null, 2)}\n`);
}
