import type { Environment } from "./environment.ts";

/** Options of a stack. Port 0 means a free one. */
export interface StackOptions {
  readonly dataDirectory: string;
  readonly port: number;
  readonly serviceBusPort: number;
  /**
   * The directory of another built app, with a host.json and a package.json that names its `main`.
   */
  readonly app?: string;
  /** A Resource Manager to use instead of the simulator. */
  readonly armEndpoint?: string;
  /**
   * What runs the durable functions: our own engine on SQLite (the default), or the Durable Task
   * extension with Azurite.
   */
  readonly engine?: Engine;
  /** How many times faster than real time orchestrations and simulated operations run. */
  readonly speed: number;
  /** A configuration of the broker with other entities. */
  readonly serviceBusConfig?: string;
  /** The seed of a rough durable engine. Without it the engine is calm. */
  readonly rough?: number | undefined;
  readonly shell: Environment;
  /** Makes Azurite write a line for each request. */
  readonly storageLog?: boolean;
  /** Settings of the app. They win over those of the stack. */
  readonly settings?: Environment;
  /** Called with a line when something is prepared on first use, which takes some time. */
  readonly say?: (line: string) => void;
  /** Called with every line that a process of the stack writes. */
  readonly onLine: (service: ServiceName, line: string) => void;
  /** Called when the functions host ended unexpectedly, with the reason, and when it is back. */
  readonly onHost?: (event: "died" | "back", pid: number, why?: string) => void;
}

export type ServiceName = "service-bus" | "azure" | "azurite" | "functions-host";

export const engines = ["sqlite", "extension"] as const;
export type Engine = (typeof engines)[number];
