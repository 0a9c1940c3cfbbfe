/** A request as its sender wrote it: the type of its event, null for a bare body, and its data. */
export interface RequestDocument {
  readonly type: string | null;
  readonly data: unknown;
}

/** Something that was found at a place of a request's data. */
interface Found {
  readonly message: string;
  readonly target?: string | undefined;
}

/**
 * Gives a finding or a problem about a request's data its final form. The message names the link
 * that it is about. The pointer leads from the root of the whole document, in which the data of an
 * event is at `/data`. A bare body is the data itself.
 */
export function describeInDocument<Item extends Found>(found: Item, { type, data }: RequestDocument): Item {
  if (found.target === undefined) return found;
  const link = linkAt(found.target, data);
  return {
    ...found,
    target: type === null ? found.target : `/data${found.target}`,
    message: link === undefined ? found.message : `${link}: ${found.message}`,
  };
}

/** A longer name is cut. */
const MOST_OF_A_NAME = 80;

/** Returns what to call the link that a pointer leads into, if it leads into one. */
function linkAt(pointer: string, data: unknown): string | undefined {
  const index = /^\/connection\/properties\/vpnLinkConnections\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
  if (index === undefined) return undefined;
  const steps = ["connection", "properties", "vpnLinkConnections", index, "name"];
  const name = steps.reduce<unknown>((node, step) => (isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined), data);
  if (typeof name !== "string" || name === "") return `Link number ${Number(index) + 1}`;
  return `Link '${name.length > MOST_OF_A_NAME ? `${name.slice(0, MOST_OF_A_NAME)}…` : name}'`;
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null;
}
