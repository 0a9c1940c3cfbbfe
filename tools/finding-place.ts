import { findNodeAtLocation, type Node, type ParseError, parseTree } from "jsonc-parser";
import { type PlaceWords, segmentsOf, wordsOf } from "./pointer-words.ts";

/** Where a finding is in a file. */
export interface FindingPlace extends PlaceWords {
  /** Both count from 1; null if the finding is about nothing in the file. */
  readonly line: number | null;
  readonly column: number | null;
}

/**
 * Returns a function that finds the place of a finding's target in the text of a file. If what it
 * names is not there, such as a missing field, that is the place of what surrounds it.
 */
export function placesIn(text: string): (target: string) => FindingPlace {
  const { tree, fault } = treeOf(text);
  return (target) => {
    const { path, node } = nodeAt(tree, target);
    const linkAt = path.indexOf("vpnLinkConnections") + 1;
    const link = linkAt > 0 && tree ? findNodeAtLocation(tree, [...keysOf(path.slice(0, linkAt + 1)), "name"])?.value : undefined;
    const words = wordsOf(path);
    const offset = target === "" ? fault : node?.offset;
    return { ...words, ...(words.link !== null && typeof link === "string" ? { link } : {}), ...lineAndColumn(text, offset) };
  };
}

/** Reads the text as far as it is JSON, and finds where it stops being so. */
function treeOf(text: string): { tree?: Node | undefined; fault?: number | undefined } {
  const errors: ParseError[] = [];
  try {
    const tree = parseTree(text, errors, { disallowComments: true });
    return { tree, fault: errors[0]?.offset };
  } catch {
    // The JSON is nested too deeply for the parser. The app rejects it, too.
    return {};
  }
}

/** Finds what a target names, or what surrounds it if that is missing. */
function nodeAt(tree: Node | undefined, target: string): { path: string[]; node?: Node | undefined } {
  const path = segmentsOf(target);
  for (let length = path.length; tree && length > 0; length--) {
    const node = findNodeAtLocation(tree, keysOf(path.slice(0, length)));
    if (node) return { path, node };
  }
  return { path, node: tree };
}

/** A property's name, or the number of an item. */
function keysOf(path: readonly string[]): (string | number)[] {
  return path.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
}

function lineAndColumn(text: string, offset: number | undefined): { line: number | null; column: number | null } {
  if (offset === undefined) return { line: null, column: null };
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
