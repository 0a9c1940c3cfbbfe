import { eventually } from "../support/eventually.ts";
import { cancellationOf, type requester, type SampleEvent } from "../support/requester.ts";
import type { startTestStack } from "../support/running-stack.ts";
import { sampleEvent } from "../support/sample.ts";

// The scenarios of product.check.ts with small requests that have the same ids each time, as they
// are played for the tapes.

type Stack = Awaited<ReturnType<typeof startTestStack>>;
type Ask = ReturnType<typeof requester>;
/** Plays a scenario on its own gateway. Returns its requests when all of them are answered. */
type Scene = (stage: Stage) => Promise<readonly SampleEvent[]>;

const BOUND_MS = 300_000;
/** No plain text of it may stand on a tape. */
export const keyOfTapes = "plain-text-of-the-taped-key";

interface Stage {
  readonly stack: Stack;
  readonly ask: Ask;
  request(name: string, more?: object, key?: string): SampleEvent;
  nameOf(name: string): string;
}

const scenes: Readonly<Record<string, Scene>> = {
  sample: async (stage) => [await done(stage, stage.request("it", {}, keyOfTapes))],

  unchanged: async (stage) => [
    await done(stage, stage.request("it")),
    await done(stage, { ...stage.request("it"), id: "unchanged-again" }),
  ],

  planned: async (stage) => [await done(stage, stage.request("it", { mode: "plan" }))],

  invalid: async (stage) => [await done(stage, stage.request("it", { priority: 1 }))],

  async repeated(stage) {
    const request = await done(stage, stage.request("it"));
    for (const [index, again] of [request, { ...request, data: { ...request.data, deadlineMinutes: 30 } }].entries()) {
      await stage.ask.send(again);
      await eventually("the next answer", () => stage.ask.answersTo(request)[index + 1], BOUND_MS);
    }
    return [request];
  },

  async failed(stage) {
    const error = { code: "InternalServerError", message: "An error occurred.", details: [] };
    const connection = stage.nameOf("it");
    const throttled = { status: 429, headers: { "retry-after": "3" }, body: { error: { code: "TooManyRequests", message: "Wait." } } };
    await stage.stack.azure("POST", "/local/faults", [
      { connection, on: "put", respond: throttled },
      { connection, on: "put", operation: { end: "Failed", error } },
      { connection, on: "poll", reset: "during" },
    ]);
    return [await done(stage, stage.request("it"))];
  },

  async cancelled(stage) {
    const { ask } = stage;
    const [holder, waiting, behind] = [stage.request("holder"), stage.request("waiting"), stage.request("behind")];
    await hold(stage, holder, 40);
    for (const [index, request] of [waiting, behind].entries()) {
      await ask.send(request);
      await ask.shows(request, { step: "waiting", position: index + 1 }, BOUND_MS);
    }
    const cancellations = [waiting, holder].map((request) => ({ ...cancellationOf(request), id: `${request.id}-cancel` }) as SampleEvent);
    for (const cancellation of cancellations) await done(stage, cancellation);
    for (const request of [waiting, holder, behind]) await ask.answerTo(request, BOUND_MS);
    return [holder, waiting, behind, ...cancellations];
  },

  async "queue-deadline"(stage) {
    const [holder, impatient] = [stage.request("holder"), stage.request("impatient", { queueDeadlineMinutes: 1 })];
    await hold(stage, holder, 75);
    await done(stage, impatient);
    await stage.ask.answerTo(holder, BOUND_MS);
    return [holder, impatient];
  },

  async interrupted(stage) {
    const [terminated, next] = [stage.request("terminated"), stage.request("next")];
    await hold(stage, terminated, 45);
    await stage.ask.send(next);
    await stage.ask.shows(next, { step: "waiting", position: 1 }, BOUND_MS);
    await stage.ask.terminate(terminated);
    for (const request of [terminated, next]) await stage.ask.answerTo(request, BOUND_MS);
    return [terminated, next];
  },
};

/** The scenarios, by the name of their tape. */
export const playScenes = Object.fromEntries(
  Object.entries(scenes).map(([name, scene]) => [
    name,
    (stack: Stack, ask: Ask, gateway: string) => scene(stageOf(stack, ask, gateway, name)),
  ]),
);

function stageOf(stack: Stack, ask: Ask, gatewayName: string, scene: string): Stage {
  const nameOf = (name: string) => `${scene}-${name}`;
  return {
    stack,
    ask,
    nameOf,
    request: (name, more = {}, key) =>
      sampleEvent((event) => {
        const [link] = event.data.connection.properties.vpnLinkConnections;
        const vpnSiteLink = link?.properties["vpnSiteLink"];
        event.id = nameOf(name);
        event.data.connection.properties = {
          remoteVpnSite: event.data.connection.properties["remoteVpnSite"],
          vpnLinkConnections: [{ name: "link1", properties: { vpnSiteLink, ...(key === undefined ? {} : { sharedKey: key }) } }],
        };
        Object.assign(event.data.target, { gatewayName, connectionName: nameOf(name) });
        Object.assign(event.data, more);
        delete event.data.ticket;
      }),
  };
}

async function done({ ask }: Stage, request: SampleEvent): Promise<SampleEvent> {
  await ask.send(request);
  await ask.answerTo(request, BOUND_MS);
  return request;
}

/** Sends a request that has the gateway for so many seconds, and waits until Azure works on it. */
async function hold({ ask }: Stage, request: SampleEvent, seconds: number): Promise<void> {
  await ask.takes(request.data.target.connectionName, seconds, 10);
  await ask.send(request);
  await ask.reaches(request, "submitted", BOUND_MS);
}
