import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What is known about a build. The history gate reads `commit` of the deployed release. */
export interface BuildInfo {
  readonly version: string;
  /** The commit of the sources. It is null if they are in no git repository. */
  readonly commit: string | null;
  /** True if the sources differ from the commit, so that it cannot be built again from it. */
  readonly dirty: boolean;
  /** Node that ran the build. */
  readonly node: string;
  /** Versions of instances that this build starts (`defaultVersion` of host.json). */
  readonly orchestrationVersion: string;
  /** The sha256 of package-lock.json. */
  readonly lock: string;
  /** For each orchestration, the recorded histories that this build replays. */
  readonly orchestrations: Readonly<Record<string, readonly string[]>>;
  /** The files of the release and their sha256. */
  readonly files: Readonly<Record<string, string>>;
}

/** Returns what is known about a build of the sources in `root`. */
export function buildInfo(root: string, files: ReadonlyMap<string, Uint8Array>): BuildInfo {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const { extensions } = JSON.parse(read("host.json")) as { extensions: { durableTask: { defaultVersion?: string } } };
  const commit = git(root, "rev-parse", "HEAD")?.trim() ?? null;
  return {
    version: (JSON.parse(read("package.json")) as { version: string }).version,
    commit,
    dirty: commit !== null && git(root, "status", "--porcelain") !== "",
    node: process.versions.node,
    orchestrationVersion: extensions.durableTask.defaultVersion ?? "",
    lock: sha256(readFileSync(join(root, "package-lock.json"))),
    orchestrations: historiesByOrchestration(root),
    files: Object.fromEntries([...files].map(([name, content]) => [name, sha256(content)])),
  };
}

/** Returns the sha256 of a content in hex. */
export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A history's file name has the hash of its content, so the name says which history it is. */
function historiesByOrchestration(root: string): BuildInfo["orchestrations"] {
  const folder = join(root, "test", "histories");
  const found: Record<string, string[]> = {};
  for (const path of globSync("[0-9]*/*.json", { cwd: folder }).sort()) {
    const { orchestration } = JSON.parse(readFileSync(join(folder, path), "utf8")) as { orchestration: string };
    found[orchestration] = [...(found[orchestration] ?? []), path.replaceAll("\\", "/")];
  }
  return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function git(root: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}
