import type { RequestEvent, Stage } from "./stage.ts";

/**
 * Plays one branch of an orchestration to its end; answers the instance that has gone through it.
 */
export type Scenario = (stage: Stage) => Promise<string>;

/** No plain text of it may stand in a history. */
export const keyOfScenarios = "plain-text-of-the-recorded-key";

const ended = async (stage: Stage, instanceId: string): Promise<string> => {
  await stage.ends(instanceId);
  return instanceId;
};
const provisioned = async (stage: Stage, event: RequestEvent): Promise<string> => ended(stage, await stage.send(event));
/** A request that has the gateway for as long as its operation takes. */
async function holding(stage: Stage, seconds = 300, limits: object = {}): Promise<RequestEvent> {
  await stage.script("holder", { on: "put", operation: { seconds } });
  const holder = stage.request("holder", limits);
  await stage.reaches(await stage.send(holder), "polling");
  return holder;
}
/** Two requests that want a connection to be different, and when the older one came. */
function twoForOne(stage: Stage) {
  const older = stage.request();
  const newer = { ...stage.request(), id: `${older.id}-newer` };
  newer.data.connection.properties["enableInternetSecurity"] = true;
  return { older, newer, came: { enqueuedAt: stage.product.clock.now() - 1_000, number: 0 } };
}
/** Starts an instance in the place of one that has ended, as a delivery at the same time does. */
async function replaced(stage: Stage, instanceId: string, fingerprints?: readonly string[]): Promise<string> {
  const { input } = stage.status(instanceId) as { input: object };
  await stage.call("DELETE", `instances/${instanceId}`);
  const given = fingerprints === undefined ? input : { ...input, fingerprints };
  await stage.call("POST", `orchestrators/provisionVpnConnection/${instanceId}`, given);
  return ended(stage, instanceId);
}
/** One fault, then all goes well. */
const after =
  (...faults: readonly object[]): Scenario =>
  async (stage) => {
    await stage.script("it", ...faults);
    return provisioned(stage, stage.request());
  };
const error = (code: string) => ({ error: { code, message: `The message of ${code}.` } });

/**
 * The branches of the orchestrations, by name. A new branch is a new scenario; an old one is never
 * played again for a version that has it.
 */
export const scenarios: Readonly<Record<string, Scenario>> = {
  async created(stage) {
    await stage.script("it", { on: "put", operation: { seconds: 130 } });
    return provisioned(stage, stage.request("it", {}, keyOfScenarios));
  },

  async updated(stage) {
    await provisioned(stage, { ...stage.request(), id: "updated-first" });
    const changed = stage.request();
    changed.data.connection.properties["enableInternetSecurity"] = true;
    return provisioned(stage, changed);
  },

  async unchanged(stage) {
    await provisioned(stage, { ...stage.request(), id: "unchanged-first" });
    return provisioned(stage, stage.request());
  },

  async rejected(stage) {
    const request = stage.request();
    return provisioned(stage, { ...request, data: { ...request.data, priority: 1 } });
  },

  planned: (stage) => provisioned(stage, stage.request("it", { mode: "plan" })),

  async "waited-for-the-lease"(stage) {
    await holding(stage, 130);
    return provisioned(stage, stage.request());
  },

  async "evicted-a-holder"(stage) {
    const { source, id } = await holding(stage, 110);
    const instanceId = await stage.send(stage.request());
    await stage.reaches(instanceId, "waiting");
    await stage.terminate(stage.instanceOf({ source, id }));
    await stage.ends(stage.instanceOf({ source, id }), "Terminated");
    return ended(stage, instanceId);
  },

  async "passed-a-dead-waiter"(stage) {
    await holding(stage, 130);
    const dead = await stage.send(stage.request("dead"));
    await stage.reaches(dead, "waiting");
    await stage.terminate(dead);
    const holder = stage.instanceOf(stage.request("holder"));
    await stage.send(stage.request());
    return ended(stage, holder);
  },

  async "superseded-at-join"(stage) {
    const { older, newer, came } = twoForOne(stage);
    await provisioned(stage, newer);
    return ended(stage, await stage.send(older, came));
  },

  async "superseded-while-waiting"(stage) {
    const { older, newer, came } = twoForOne(stage);
    await stage.script("it", { on: "put", operation: { seconds: 130 } });
    await stage.reaches(await stage.send(newer), "polling");
    return ended(stage, await stage.send(older, came));
  },

  async "superseded-unchanged"(stage) {
    const { older, newer, came } = twoForOne(stage);
    await provisioned(stage, newer);
    return ended(stage, await stage.send({ ...newer, id: older.id }, came));
  },

  async "cancelled-before-it-began"(stage) {
    const request = stage.request();
    await stage.send(stage.cancellation(request));
    return provisioned(stage, request);
  },

  async "cancelled-while-waiting"(stage) {
    await holding(stage, 130);
    const request = stage.request();
    const instanceId = await stage.send(request);
    await stage.reaches(instanceId, "waiting");
    await stage.send(stage.cancellation(request));
    return ended(stage, instanceId);
  },

  async "cancelled-after-submit"(stage) {
    const holder = await holding(stage, 130);
    await stage.send(stage.cancellation(holder));
    return ended(stage, stage.instanceOf(holder));
  },

  async "deadline-after-submit"(stage) {
    const holder = await holding(stage, 500, { deadlineMinutes: 5 });
    return ended(stage, stage.instanceOf(holder));
  },

  async "queue-deadline"(stage) {
    await holding(stage);
    return provisioned(stage, stage.request("it", { queueDeadlineMinutes: 1 }));
  },

  "busy-retry": after({ on: "put", times: 2, respond: { status: 409, body: error("AnotherOperationInProgress") } }),
  "busy-with-a-named-operation": after({ on: "put", busySeconds: 40 }),
  "transient-retry": after({
    on: "get",
    times: 2,
    respond: { status: 503, headers: { "retry-after": "7" }, body: error("ServerTimeout") },
  }),
  "unauthorized-once": after({ on: "get", respond: { status: 401, body: error("ExpiredAuthenticationToken") } }),
  "lost-put": after({ on: "put", reset: "after" }),
  refused: after({ on: "put", respond: { status: 403, body: error("AuthorizationFailed") } }),
  "operation-failed": after({ on: "put", operation: { end: "Failed", error: error("BadKey").error } }),
  "operation-superseded": after({
    on: "put",
    operation: { end: "Canceled", error: error("CanceledAndSupersededDueToAnotherOperation").error },
  }),
  "forgotten-operation": after({ on: "poll", times: 2, respond: { status: 404, body: error("NotFound") } }),
  "links-lag-behind": after({ on: "put", operation: { lagSeconds: 30 } }),
  "foreign-operation-url": after({ on: "put", headers: { "azure-asyncoperation": "https://elsewhere.example/operations/1" } }),

  async "unforeseen-failure"(stage) {
    const { source, id, data } = stage.request();
    const instanceId = stage.instanceOf({ source, id });
    const input = {
      ...(stage.status(await provisioned(stage, stage.request("model"))) as { input: object }).input,
      instanceId,
      // Sealed under a key that the app has no longer.
      data: JSON.parse(JSON.stringify(data).replace('"vpnSiteLink"', '"sharedKey":{"sealed":"gone.AAAA"},"vpnSiteLink"')),
      fingerprints: ["k1.unforeseen"],
    };
    await stage.call("POST", `orchestrators/provisionVpnConnection/${instanceId}`, input);
    return ended(stage, instanceId);
  },

  async "broker-away"(stage) {
    const instanceId = await stage.send(stage.request());
    await stage.reaches(instanceId, "polling");
    const bringBack = await stage.product.withoutBroker();
    await stage.until("a failed publication", () => stage.log.some((line) => line.includes('"unpublished"') && line.includes(instanceId)));
    await bringBack();
    return ended(stage, instanceId);
  },

  async "replaced-instance"(stage) {
    return replaced(stage, await provisioned(stage, stage.request()));
  },

  async conflict(stage) {
    return replaced(stage, await provisioned(stage, stage.request()), ["k1.another"]);
  },

  async "conflict-after-a-terminated-one"(stage) {
    const instanceId = stage.instanceOf(await holding(stage));
    await stage.terminate(instanceId);
    await stage.ends(instanceId, "Terminated");
    return replaced(stage, instanceId, ["k1.another"]);
  },

  async "cancel-stopped-it"(stage) {
    const holder = await holding(stage, 130);
    return ended(stage, await stage.send(stage.cancellation(holder)));
  },

  async "cancel-overtook-it"(stage) {
    const request = stage.request();
    const cancellation = await stage.send(stage.cancellation(request));
    await stage.passes(20);
    await stage.send(request);
    return ended(stage, cancellation);
  },

  async "cancel-finished"(stage) {
    const request = stage.request();
    await provisioned(stage, request);
    return ended(stage, await stage.send(stage.cancellation(request)));
  },

  "cancel-unknown": async (stage) => ended(stage, await stage.send(stage.cancellation({ id: "never-sent" }))),

  async "cancel-invalid"(stage) {
    return ended(stage, await stage.send({ ...stage.cancellation({ id: "x" }), data: { requestId: 1 } } as never));
  },

  async "answer-unreadable"(stage) {
    await stage.deliver({ specversion: "1.0", id: "unreadable" });
    return ended(stage, await stage.startedAs("answerMessage"));
  },

  async "answer-conflict"(stage) {
    await provisioned(stage, stage.request());
    await stage.send(stage.request("it", { deadlineMinutes: 7 }));
    return ended(stage, await stage.startedAs("answerMessage"));
  },

  async "answer-interrupted"(stage) {
    const holder = await holding(stage);
    await stage.terminate(stage.instanceOf(holder));
    await stage.ends(stage.instanceOf(holder), "Terminated");
    await stage.sweep();
    return ended(stage, await stage.startedAs("answerMessage"));
  },
};
