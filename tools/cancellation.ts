import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cancelType } from "../shared/contract/cancel.ts";
import { WrongUse } from "./command-line.ts";
import { type InputFile, readFiles } from "./files.ts";
import { isCancellation, type Outgoing, outgoingOf } from "./outgoing.ts";

/** Which request is to be cancelled. The source is unknown if only an id was given. */
export interface Named {
  readonly id: string;
  readonly source?: string;
}

/** Reads what a person named: a file with a request, or a request's id. */
export async function readNamed(idOrFile: string, queue: string): Promise<Named> {
  if (!existsSync(idOrFile) && !/\.json$/i.test(idOrFile)) return { id: idOrFile };
  const { files, faults } = await readFiles([idOrFile]);
  const [file, ...others] = files;
  if (!file || others.length > 0) throw new WrongUse(faults[0] ?? `${idOrFile} is a folder. Name one file, or one request id.`);
  if (isCancellation(file.content)) throw new WrongUse(`${idOrFile} is a cancellation. Send it with npm run send, or name the request.`);
  const { source, id, repeatable } = outgoingOf(file, queue);
  if (!repeatable) throw new WrongUse(`${idOrFile} has no id. Name the request id that \`npm run send\` printed.`);
  return { id, source };
}

/** Makes the message that cancels a request. */
export function cancellationOf({ id, source }: Required<Named>, queue: string): Outgoing {
  const event = {
    specversion: "1.0",
    type: cancelType,
    id: randomUUID(),
    source,
    datacontenttype: "application/json",
    data: { requestSource: source, requestId: id },
  };
  const file: InputFile = { name: "The cancellation", content: Buffer.from(JSON.stringify(event)) };
  return outgoingOf(file, queue);
}
