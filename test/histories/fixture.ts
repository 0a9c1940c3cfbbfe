import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { HistoryEvent } from "../../local/functions-host/durable/events.ts";

/**
 * A whole instance as the store of the host keeps it: what its trigger is given, and what came of
 * it.
 */
export interface Fixture {
  /** The orchestration's name, as it is registered. */
  readonly orchestration: string;
  readonly instanceId: string;
  readonly input: unknown;
  readonly history: readonly HistoryEvent[];
  readonly customStatus: unknown;
  readonly output: unknown;
}

/**
 * A recorded history by its file: the folder is the version of the app, the name is the scenario
 * and the first digits of the content's hash.
 */
export interface Recorded {
  readonly version: string;
  readonly scenario: string;
  readonly hash: string;
  readonly text: string;
}

const folder = import.meta.dirname;

/** Every history that was ever recorded. */
export function recordedHistories(): Recorded[] {
  return globSync("[0-9]*/*.json", { cwd: folder })
    .sort()
    .map((path) => {
      const [scenario = "", hash = ""] = basename(path).split(".");
      return { version: dirname(path), scenario, hash, text: readFileSync(join(folder, path), "utf8") };
    });
}

/**
 * Keeps a history under its scenario and its hash, without the signatures of operation URLs, which
 * are long and nobody's business.
 */
export function keep(version: string, scenario: string, fixture: Fixture): number {
  const text = `${JSON.stringify(fixture)}\n`.replaceAll(/([?&][a-z])=[\w-]{60,}/g, "$1=cut");
  mkdirSync(join(folder, version), { recursive: true });
  writeFileSync(join(folder, version, `${scenario}.${hashOf(text)}.json`), text);
  return text.length;
}

/** The first twelve hex digits of a content's sha256. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
