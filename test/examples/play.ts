import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { announce } from "../../local/stack/running.ts";
import type { CompletionEvent } from "../../shared/contract/completion.ts";
import { eventually } from "../support/eventually.ts";
import type { startTestStack } from "../support/running-stack.ts";

export const examples = join(import.meta.dirname, "..", "..", "examples");
type TestStack = Awaited<ReturnType<typeof startTestStack>>;

/** How a program ended, and what it wrote. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of `examples/` as a process. `child` can be ended before it has done its work. */
export function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(command, args, { cwd: examples, env: { ...process.env, ...env } });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
  return { child, ended, err: () => err };
}

/** Returns what a reader of `examples/README.md` does with a running stack. */
export function reader(stack: TestStack) {
  const { serviceBus } = stack.stack.endpoints;
  announce(stack.dataDirectory, stack.stack.endpoints);
  const node = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    start(process.execPath, args, { ServiceBus: serviceBus, RETRY_SECONDS: "0", ...env });
  const localAzure = (...args: string[]) => node(["local-azure.mjs", ...args, "--data-dir", stack.dataDirectory]).ended;
  const request = (file: string, env: Readonly<Record<string, string>> = {}) => node(["clients/request-connection.mjs", file], env);
  return {
    node,
    localAzure,
    request,
    /** Sends the key-vault example with the addresses of the local vault. */
    async requestWithLocalSecret(): Promise<Ran> {
      const directory = mkdtempSync(join(tmpdir(), "examples-"));
      try {
        const file = join(directory, "request.json");
        await localAzure("secrets", "key-vault-key.json", file);
        return await request(file).ended;
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
    /**
     * Makes the change of a request slow, sends the request, and cancels it when Azure has begun.
     */
    async cancel(): Promise<{ cancelled: Ran; cancellation: Ran }> {
      await localAzure("faults", "faults/slow.json");
      const cancelled = request("request-to-cancel.json").ended;
      await eventually("the change is under way", async () =>
        (await stack.seen()).some(({ method, url, status }) => method === "PUT" && url.includes("/branch-chur?") && status === 201),
      );
      const cancellation = await request("cancel.json").ended;
      return { cancelled: await cancelled, cancellation };
    },
  };
}

/** The events that a client printed, one for each try. */
export function eventsOf({ out }: Ran): CompletionEvent[] {
  return out === ""
    ? []
    : out
        .trim()
        .split(/\n(?=\{)/)
        .map((text) => JSON.parse(text) as CompletionEvent);
}
