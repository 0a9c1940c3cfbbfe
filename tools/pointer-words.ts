/** A place in a connection as people name it. */
export interface PlaceWords {
  /** The name or the number of the link. */
  readonly link: string | null;
  /** The field, from the link or the connection on: `ipsecPolicies[0].dhGroup`. */
  readonly field: string;
}

/** Returns the parts of a JSON pointer (https://www.rfc-editor.org/rfc/rfc6901). */
export function segmentsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * Puts the parts of a pointer into words. The part after `vpnLinkConnections` names a link: its
 * number, or in a diff its name.
 */
export function wordsOf(segments: readonly string[]): PlaceWords {
  const at = segments.indexOf("vpnLinkConnections");
  const link = at < 0 ? undefined : segments[at + 1];
  const rest = link === undefined ? segments : segments.slice(at + 2);
  const field = rest
    .filter((segment, index) => segment !== "properties" && !(index < 2 && ["data", "connection"].includes(segment)))
    .map((segment) => (/^\d+$/.test(segment) ? `[${segment}]` : `.${segment}`))
    .join("")
    .replace(/^\./, "");
  return { link: link ?? null, field };
}
