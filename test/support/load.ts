import { existsSync, readdirSync, readFileSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { type SeenRequest, startTestStack } from "./running-stack.ts";
import { sampleEvent, structured } from "./sample.ts";

/** As many samples as fit into one message of 256 KB. */
const BATCH = 50;
const GATEWAYS_OF_A_SUBSCRIPTION = 50;

/** Many requests at once, each for its own connection; the gateways take turns. */
export interface Load {
  readonly requests: number;
  /** Fifty in each subscription: the simulated world has no more. */
  readonly gateways: number;
  /** How many times as fast as real time operations and waits go. */
  readonly speed: number;
  /**
   * How long Azure takes for one connection, where none is answered with the finished connection at
   * once, and how long it asks callers to wait between polls.
   */
  readonly operationSeconds: number;
  readonly retryAfterSeconds: number;
  /** Settings of the app. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * What a load came to, seen from outside: events, what Resource Manager received, and the host's
 * process.
 */
export interface LoadFigures {
  readonly outcomes: Readonly<Record<string, number>>;
  /**
   * PUTs that came before the former operation on their gateway had ended, whether Azure refused
   * them or not.
   */
  readonly overlaps: number;
  /** Requests that were waiting when one that had come later was let before them. */
  readonly overtakings: number;
  /**
   * From the first message to the last completion, and the summed operations of the busiest
   * gateway: in product time.
   */
  readonly makespanSeconds: number;
  readonly busiestGatewaySeconds: number;
  readonly realSeconds: number;
  /** Of the functions host's process; null where the system does not tell. */
  readonly hostPeakMegabytes: number | null;
  readonly hostCpuSeconds: number | null;
  /** Of every process of the stack together, from the first message on. */
  readonly stackCpuSeconds: number | null;
}

/** Runs a load on its own stack and waits until everything is answered, `boundMs` at most. */
export async function runLoad(load: Load, boundMs: number): Promise<LoadFigures> {
  const stack = await startTestStack({ speed: load.speed, ...(load.settings ? { settings: load.settings } : {}) });
  try {
    const { operationSeconds, retryAfterSeconds } = load;
    const headers = { "retry-after": String(retryAfterSeconds), ...(operationSeconds === 0 ? { "azure-asyncoperation": null } : {}) };
    await stack.azure("POST", "/local/faults", [
      { connection: "*", on: "put", times: "always", operation: { seconds: operationSeconds }, headers },
      { connection: "*", on: "poll", times: "always", headers },
    ]);
    const cpuBefore = cpuOfStack();
    const startedAt = performance.now();
    const ids = await sendAll(stack, load);
    const answered = new Map<string, Answer>();
    const failed = stack.stack.failed.then((reason) => {
      throw new Error(reason);
    });
    const allAnswered = eventually(
      "every request is answered",
      () => {
        for (const { body } of stack.received.splice(0)) answered.set(body.data.requestId, body.data);
        return answered.size >= load.requests;
      },
      boundMs,
    );
    await Promise.race([allAnswered, failed]).catch((error: Error) => {
      throw new Error(`${answered.size} of ${load.requests} are answered. ${error.message}`);
    });
    const realSeconds = (performance.now() - startedAt) / 1000;
    const cpu = cpuOfStack();
    const host = hostProcess(stack.stack.hostPid());
    const answers = ids.flatMap((id) => answered.get(id) ?? []);
    const gateways = putsByGateway(await stack.seen());
    const timings = answers.map(({ timing }) => timing);
    return {
      outcomes: counted(answers.map(({ outcome }) => outcome)),
      overlaps: gateways.reduce((sum, puts) => sum + overlapsIn(puts, operationSeconds), 0),
      overtakings: overtakingsIn(answers, load.gateways, operationSeconds),
      makespanSeconds:
        (latest(timings.map(({ completedAt }) => completedAt)) - earliest(timings.map(({ receivedAt }) => receivedAt))) / 1000,
      busiestGatewaySeconds: Math.max(...gateways.map((puts) => puts.length)) * operationSeconds,
      realSeconds,
      ...host,
      stackCpuSeconds: cpu === null || cpuBefore === null ? null : cpu - cpuBefore,
    };
  } finally {
    await stack.stop();
  }
}

type Stack = Awaited<ReturnType<typeof startTestStack>>;
interface Answer {
  readonly outcome: string;
  readonly timing: {
    readonly receivedAt: string;
    readonly startedAt: string;
    readonly leaseGrantedAt: string;
    readonly completedAt: string;
  };
}

/**
 * Sends everything in batches, gateway by gateway in turn; answers the ids in order of their
 * arrival.
 */
async function sendAll({ client }: Stack, { requests, gateways }: Load): Promise<string[]> {
  const sender = client.createSender("vpn-connection-requests");
  const events = Array.from({ length: requests }, (_, index) =>
    sampleEvent(({ data }) => {
      const gateway = index % gateways;
      data.target.gatewayName = `gateway${(gateway % GATEWAYS_OF_A_SUBSCRIPTION) + 1}`;
      data.target.subscriptionId = `00000000-0000-4000-8000-${String(Math.floor(gateway / GATEWAYS_OF_A_SUBSCRIPTION)).padStart(12, "0")}`;
      data.target.connectionName = `connection${index}`;
    }),
  );
  for (let from = 0; from < events.length; from += BATCH)
    await sender.sendMessages(events.slice(from, from + BATCH).map((event) => structured(event)));
  await sender.close();
  return events.map(({ id }) => id);
}

function putsByGateway(seen: readonly SeenRequest[]): number[][] {
  const puts = seen.filter(({ method }) => method === "PUT");
  const groups = Object.groupBy(puts, ({ url }) => url.slice(0, url.indexOf("/vpnConnections/")));
  return Object.values(groups).map((group = []) => group.map(({ at }) => at).sort((a, b) => a - b));
}

function overlapsIn(puts: readonly number[], operationSeconds: number): number {
  return puts.filter((at, index) => index > 0 && at < (puts[index - 1] ?? 0) + operationSeconds * 1000).length;
}

/**
 * Who has begun an operation's time before a gateway became free was waiting then, and whoever came
 * later had to let it go first. (That a request has begun can be seen from outside, when it joined
 * the queue cannot.)
 */
function overtakingsIn(answers: readonly Answer[], gateways: number, operationSeconds: number): number {
  const arrived = answers.map(({ timing }, arrival) => ({
    arrival,
    waitsFrom: Date.parse(timing.startedAt) + operationSeconds * 1000,
    grantedAt: Date.parse(timing.leaseGrantedAt),
    freeFrom: Date.parse(timing.completedAt),
  }));
  const groups = Object.values(Object.groupBy(arrived, ({ arrival }) => String(arrival % gateways)));
  return groups.reduce((sum, group = []) => {
    const granted = group.toSorted((a, b) => a.grantedAt - b.grantedAt);
    const overtaken = granted.filter(({ arrival, waitsFrom }, place) =>
      granted.slice(0, place).some((other, before) => other.arrival > arrival && waitsFrom < (granted[before - 1]?.freeFrom ?? 0)),
    );
    return sum + overtaken.length;
  }, 0);
}

const latest = (times: readonly string[]) => Math.max(...times.map((time) => Date.parse(time)));
const earliest = (times: readonly string[]) => Math.min(...times.map((time) => Date.parse(time)));

function counted(values: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(Object.groupBy(values, (value) => value)).map(([value, all]) => [value, all?.length ?? 0]));
}

/** What Linux tells of a process. */
function hostProcess(pid: number): Pick<LoadFigures, "hostPeakMegabytes" | "hostCpuSeconds"> {
  if (process.platform !== "linux") return { hostPeakMegabytes: null, hostCpuSeconds: null };
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { hostPeakMegabytes: Number(peak) / 1024, hostCpuSeconds: statOf(pid).cpuSeconds };
}

/** What the children of this process have taken so far. */
function cpuOfStack(): number | null {
  if (process.platform !== "linux") return null;
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => (existsSync(`/proc/${pid}/stat`) ? [statOf(Number(pid))] : []))
    .filter(({ parent }) => parent === process.pid);
  return children.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/**
 * The process's name, in brackets, may contain spaces; the parent is field 4, user and system time
 * are fields 14 and 15, in hundredths of a second.
 */
function statOf(pid: number): { parent: number; cpuSeconds: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return { parent: Number(fields[1]), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
}
