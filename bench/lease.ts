import { type KnownKeys, keepKeys } from "../shared/durable/connection-keys.ts";
import { addFence, type Fences } from "../shared/durable/fence.ts";
import { type Gateway, gatewayOperations, gatewayResultOf } from "../shared/durable/gateway.ts";
import { instanceIdOf } from "../shared/durable/instance-id.ts";
import { rowOf, type Waiter } from "../shared/durable/waiting.ts";
import { measure } from "./measure.ts";

/** How many requests wait, and of how many connections the fence and the keys are remembered. */
const SIZES = [
  { waiters: 100, connections: 0 },
  { waiters: 1_000, connections: 0 },
  { waiters: 0, connections: 100 },
  { waiters: 0, connections: 1_000 },
  { waiters: 1_000, connections: 1_000 },
  { waiters: 5_000, connections: 0 },
  { waiters: 5_000, connections: 1_000 },
  { waiters: 20_000, connections: 1_000 },
];
const TURNS = 100;
const AIM_MS = 3;
const now = new Date(1.8e12).toISOString();
/** The fingerprints of a key and of a source are as long as real ones. */
const print = (name: string) => `key-2026-11.${name.padEnd(43, "x")}`;
const keysOf = (index: number) => ({ keys: [{ link: "link1", prints: [print(`${index}`)] }], source: [print("source")] });

/**
 * Measures one look and one release of a gateway: read the stored state, change it, make the
 * result, and write the state.
 */
export function benchLease(): string {
  const measured = SIZES.map((size) => ({ ...size, ...measureGateway(size.waiters, size.connections) }));
  const ofMany = measured.find(({ waiters, connections }) => waiters === 5_000 && connections === 1_000)?.look ?? Number.NaN;
  const lines = measured.map(({ waiters, connections, bytes, look, release }) => {
    const [kilobytes, ms] = [Math.round(bytes / 1000), `look ${look.toFixed(2)} ms, release ${release.toFixed(2)} ms`];
    return `${waiters} waiters, ${connections} connections: ${kilobytes} KB, medians: ${ms}`;
  });
  return [...lines, `Aim: a median below ${AIM_MS} ms a look at 5000 waiters: ${ofMany < AIM_MS ? "met" : "missed"}.`].join("\n");
}

function measureGateway(waiters: number, connections: number): { readonly bytes: number; readonly look: number; readonly release: number } {
  let [fences, keys]: [Fences, KnownKeys] = [{}, {}];
  for (let index = 0; index < connections; index++) {
    const requester = { requestSource: "/ticketing/servicenow", requestId: `0b9f9d5e-6c1f-4a53-8f0e-${String(index).padStart(12, "0")}` };
    fences = { ...fences, ...addFence({}, `branch-${index}`, waiter(index), requester, now) };
    keys = { ...keys, ...keepKeys({}, `branch-${index}`, [], keysOf(index)) };
  }
  const waiting = Array.from({ length: waiters }, (_, index) => rowOf(waiter(index + 1)));
  const holder = { ...waiter(0), taken: keysOf(0).keys };
  const text = JSON.stringify({ holder, waiting, unsettled: [], fences, keys } satisfies Gateway);
  let turn = 0;
  const look = () => {
    const looking = waiter(1 + (turn++ % Math.max(waiters, 1)), turn);
    const before = JSON.parse(text) as Gateway;
    const after = gatewayOperations.acquire(before, { waiter: looking });
    JSON.stringify(after);
    return gatewayResultOf(after, { waiter: looking }, before);
  };
  const release = () => {
    const before = JSON.parse(text) as Gateway;
    const changedBy = { requestSource: "/ticketing/servicenow", requestId: "last" };
    const input = { instanceId: holder.instanceId, unsettled: [], changedBy, keys: keysOf(7), now };
    const after = gatewayOperations.release(before, input);
    JSON.stringify(after);
    return gatewayResultOf(after, input, before);
  };
  const rounds = measure(
    [
      { name: "look", run: look },
      { name: "release", run: release },
    ],
    TURNS,
  );
  return { bytes: text.length, look: rounds[0]?.median ?? Number.NaN, release: rounds[1]?.median ?? Number.NaN };
}

function waiter(index: number, look = 1): Waiter {
  return {
    instanceId: instanceIdOf("/bench", String(index)),
    queue: "vpn-connection-requests",
    enqueuedAt: new Date(1.8e12 + index).toISOString(),
    sequenceNumber: String(index),
    connectionName: `branch-${index}`,
    look,
  };
}
