import type { Fault } from "../../local/azure/faults.ts";
import { refusal, type Weather } from "./faults.ts";
import { again, cancelLetter, type Letter, nonsenseLetter, queueSource, requestLetter, type Wish } from "./letters.ts";
import type { Step } from "./plan.ts";
import { playQuietScenes } from "./scenes.ts";
import type { Ending } from "./trace.ts";

const created: Ending = { outcome: "Succeeded", change: "Created" };
const operation = { seconds: 20 };
/** A key, in two marks: that Azure quotes it, or shows it, must not bring it out. */
const keyOf = (marks: readonly string[]) => marks.join("_");

/** What can befall one change when nothing else does, by name: the one way in which it can end, and the script for its connection. */
const trials: Readonly<Record<string, readonly [ends: Ending, script: readonly Omit<Fault, "connection">[]]>> = {
  ordinary: [created, []],
  busy: [
    created,
    [
      { on: "put", times: 2, respond: refusal(409, "AnotherOperationInProgress") },
      { on: "put", operation },
    ],
  ],
  down: [created, [{ on: "put", times: 2, respond: refusal(503, "ServerBusy") }]],
  throttled: [created, [{ on: "put", times: 2, respond: refusal(429, "TooManyRequests", 15) }]],
  "answer lost": [created, [{ on: "put", reset: "after", operation }]],
  "answer broken off": [created, [{ on: "put", reset: "during", operation }]],
  "read refused": [created, [{ on: "get", times: 2, respond: refusal(503, "ServerBusy") }]],
  "polls forgotten": [created, [{ on: "poll", times: 2, respond: refusal(404, "NotFound") }]],
  "polls refused": [created, [{ on: "poll", times: 3, respond: refusal(500, "InternalServerError") }]],
  "slow to show it": [created, [{ on: "put", operation: { ...operation, lagSeconds: 60 } }]],
  failing: [{ outcome: "Failed", code: "OperationFailed" }, [{ on: "put", operation: { ...operation, end: "Failed" } }]],
  canceled: [{ outcome: "Failed", code: "OperationCanceled" }, [{ on: "put", operation: { ...operation, end: "Canceled" } }]],
  refused: [{ outcome: "Failed", code: "RequestRefused" }, [{ on: "put", respond: refusal(400, "BadRequest") }]],
  // The first read is the one before the PUT; there is nothing to show yet.
  "link failed": [{ outcome: "Failed", code: "ProvisioningFailed" }, [{ on: "get", after: 1, shows: { links: "Failed" } }]],
};

/**
 * What is sent when everything is quiet, wave after wave. First scenes without disturbance, and changes of new connections, each with a trouble of its own.
 * Then what was asked before comes again, some of it with another payload, and the same connections are wanted once more, or otherwise.
 */
export function closingOf(
  name: string,
  size: "short" | "full",
  gateways: readonly string[],
  before: readonly Letter[],
  marks: readonly string[],
): { readonly waves: Step[][]; readonly gateways: readonly string[] } {
  const at = (index: number) => gateways[index % gateways.length] ?? "gateway1";
  const key = keyOf(marks);
  const post = (id: string, wish: Wish, mustEnd: Ending, script: readonly Omit<Fault, "connection">[] = []): Step => {
    const letter = requestLetter(asked(`${name}-${id}`), wish, { messageId: `${name}-${id}`, mustEnd });
    const faults = script.map((fault) => ({ connection: wish.connection, ...fault }));
    return send(letter, faults.length > 0 ? { weather: { name: id, faults } } : {});
  };
  const wishOf = (trial: string, index: number): Wish => {
    const connection = `${at(index)}-${trial.replaceAll(" ", "-")}`;
    return { gateway: at(index), connection, bandwidth: 100, key: null };
  };
  const wishes = new Map(Object.keys(trials).map((trial, index) => [trial, wishOf(trial, index)]));
  const wishFor = (trial: string) => wishes.get(trial) ?? wishOf(trial, 0);
  const keyed = { ...wishOf("keyed", 0), key };
  const echoed = { ...wishOf("echoed", 1), key };
  const quoted = { ...wishOf("quoted", 1), key };
  const quoting = {
    ...refusal(400, "BadRequest"),
    body: { error: { code: "BadRequest", message: `The key ${key} is refused.`, details: [] } },
  };
  const unchanged: Ending = { outcome: "Succeeded", change: "Unchanged" };
  const updated: Ending = { outcome: "Succeeded", change: "Updated" };

  const repeated = (letters: readonly Letter[], wave: string) =>
    letters.map((letter, index) => send(again(letter, index % 2 ? undefined : `${name}-${wave}-${index}`)));
  const { quiet, loud } = playQuietScenes(name, size);
  const changes = [
    send(nonsenseLetter(`${name}-nonsense`)),
    ...[...wishes].map(([trial, wish]) => post(trial.replaceAll(" ", "-"), wish, ...(trials[trial] ?? ([created, []] as const)))),
    send(
      requestLetter({ source: queueSource, id: `${name}-bare`, payload: "only" }, wishOf("bare", 2), {
        messageId: `${name}-bare`,
        bare: true,
        mustEnd: created,
      }),
    ),
    post("keyed", keyed, created),
    post("echoed", echoed, created, [{ on: "get", times: "always", echoSharedKey: true }]),
    post("quoted", quoted, { outcome: "Failed", code: "RequestRefused" }, [{ on: "put", respond: quoting }]),
  ];
  const unknown = send(
    cancelLetter(asked(`${name}-cancel-unknown`), asked(`${name}-unknown`), {
      messageId: `${name}-cancel-unknown`,
      mustEnd: { outcome: "Rejected", code: "RequestUnknown" },
    }),
  );
  // A scene has its times: what would keep the host busy comes after it.
  const first = [unknown, ...quiet.flatMap(({ steps }) => steps)];
  const finished = { source: "/chaos/closing", id: `${name}-ordinary` };
  const second = [
    ...repeated(before, "late"),
    ...before.flatMap((letter, index) => (index % 5 === 0 ? [send(otherwise(letter, `${name}-other-${index}`))] : [])),
    post("same", wishFor("ordinary"), unchanged),
    post("same-again", wishFor("answer lost"), unchanged, [{ on: "get", reset: "after" }]),
    post("other", { ...wishFor("busy"), bandwidth: 200 }, updated, [{ on: "put", reset: "after", operation }]),
    post("planned", { ...wishFor("down"), bandwidth: 200, mode: "plan" }, { outcome: "Planned", change: "Updated" }),
    post("planned-same", { ...wishFor("throttled"), mode: "plan" }, { outcome: "Planned", change: "Unchanged" }),
    post("repaired", wishFor("failing"), updated),
    post("keyed-same", keyed, unchanged),
    post("keyed-other", { ...echoed, key: keyOf(marks.toReversed()) }, updated),
    post("invalid", { ...wishFor("ordinary"), unknownField: true }, { outcome: "Rejected", code: "InvalidRequest" }),
    send(
      cancelLetter(asked(`${name}-cancel`), finished, {
        messageId: `${name}-cancel`,
        mustEnd: { outcome: "Rejected", code: "RequestFinished" },
      }),
    ),
    ...repeated(
      quiet.flatMap(({ letters }) => letters),
      "later",
    ),
    ...loud.steps,
  ];
  const own = [...quiet, loud].map((scene) => scene.gateway);
  const third = [
    ...repeated(loud.letters, "last"),
    // Whoever was terminated may have the gateway still, if nobody came after it on a slow machine: somebody has to come.
    ...own.map((gateway) => {
      const connection = `${gateway}-evicting`;
      return post(connection, { ...wishFor("ordinary"), gateway, connection }, created);
    }),
  ];
  return { waves: [first, changes, second, third].map((wave) => wave.sort((a, b) => a.at - b.at)), gateways: own };
}

const send = (letter: Letter, more: { readonly weather?: Weather } = {}): Step => ({ at: 0, act: { kind: "send", letter, ...more } });
const asked = (id: string) => ({ source: "/chaos/closing", id, payload: "only" });

/** Another payload under a known source and id. */
function otherwise({ about: { source, id } }: Letter, messageId: string): Letter {
  const wish = { gateway: "gateway1", connection: "otherwise", bandwidth: 10, key: null };
  return requestLetter({ source, id, payload: "late" }, wish, { messageId });
}
