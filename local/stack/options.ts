import type { Environment } from "./environment.ts";

/** What may be chosen about a stack; a port of 0 picks a free one. */
export interface StackOptions {
  readonly dataDirectory: string;
  readonly port: number;
  readonly serviceBusPort: number;
  /** The directory of another built app to run, with a package.json that names its `main`, and a host.json. */
  readonly app?: string;
  /** Use this Resource Manager instead of the simulator. */
  readonly armEndpoint?: string;
  /** What runs the durable functions: our own engine on SQLite (if left out), or the Durable Task extension with Azurite. */
  readonly engine?: Engine;
  /** How many times as fast as real time orchestrations and simulated operations live. */
  readonly speed: number;
  /** A config of the broker instead of its own: entities of other names. */
  readonly serviceBusConfig?: string;
  /** The seed of a rough durable engine; without one it is calm. */
  readonly rough?: number | undefined;
  readonly shell: Environment;
  /** Whether Azurite writes a line for each request. */
  readonly storageLog?: boolean;
  /** Settings of the app beside the stack's own, or instead of them. */
  readonly settings?: Environment;
  /** Told what is prepared on first use, which takes a while. */
  readonly say?: (line: string) => void;
  /** Told every line that a process of the stack writes. */
  readonly onLine: (service: ServiceName, line: string) => void;
  /** Told when the functions host ended by itself, and why, and when it is back. */
  readonly onHost?: (event: "died" | "back", pid: number, why?: string) => void;
}

export type ServiceName = "service-bus" | "azure" | "azurite" | "functions-host";

export const engines = ["sqlite", "extension"] as const;
export type Engine = (typeof engines)[number];
