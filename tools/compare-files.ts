import type { Finding } from "../shared/contract/finding.ts";
import type { Judged } from "./judge-file.ts";

/**
 * Returns files with the findings that only all files together show: one id for two requests, and
 * two requests for one connection.
 */
export function compareFiles(files: readonly Judged[]): Judged[] {
  const ids = new Map<string, Judged>();
  const connections = new Map<string, Judged>();
  return files.map((judged) => {
    const { identity, changes } = judged;
    const findings = [...judged.findings];
    const twin = identity && firstOf(ids, identity.key, judged);
    if (twin) findings.push(twin.identity?.payload === identity?.payload ? repetition(twin.file) : conflict(twin.file));
    const rival = changes && !twin ? firstOf(connections, changes.toLowerCase(), judged) : undefined;
    if (rival) findings.push(sameConnection(rival.file));
    return { ...judged, findings };
  });
}

/** Returns the first file under a key; nothing if that is this one. */
function firstOf(seen: Map<string, Judged>, key: string, judged: Judged): Judged | undefined {
  const first = seen.get(key);
  if (!first) seen.set(key, judged);
  return first;
}

function conflict(file: string): Finding {
  const message = `${file} has the same source and id, but another content. The app refuses the one that comes later. Give it another id.`;
  return { code: "RequestIdConflict", severity: "error", target: "/id", message, actor: "requester" };
}

function repetition(file: string): Finding {
  const message = `${file} has the same source, id and content: the app takes both as one request.`;
  return { code: "RepeatedRequest", severity: "warning", target: "/id", message, actor: "requester" };
}

function sameConnection(file: string): Finding {
  const message = `${file} changes the same connection. The request that comes later replaces the other.`;
  return { code: "SameConnection", severity: "warning", target: "/target/connectionName", message, actor: "requester" };
}
