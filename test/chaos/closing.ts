import type { Fault } from "../../local/azure/faults.ts";
import { refusal, type Weather } from "./faults.ts";
import { type Asked, again, cancelLetter, type Letter, nonsenseLetter, queueSource, requestLetter, type Wish } from "./letters.ts";
import type { Step } from "./plan.ts";
import { playQuietScenes, type Scene } from "./scenes.ts";
import type { Ending } from "./trace.ts";

const created: Ending = { outcome: "Succeeded", change: "Created" };
const operation = { seconds: 20 };
/** A key, in two marks: that Azure quotes it, or shows it, must not bring it out. */
const keyOf = (marks: readonly string[]) => marks.join("_");

/** What Azure does to a connection, or to what a fault names instead. */
type Script = readonly Fault[];

/**
 * What can befall one change when nothing else does, by name: the one way in which it can end, the
 * script for its connection, and how Azure is spared.
 */
const trials: Readonly<Record<string, readonly [ends: Ending, script: Script, mustWait?: NonNullable<Letter["about"]["mustWait"]>]>> = {
  ordinary: [created, []],
  busy: [
    created,
    [
      { on: "put", times: 2, respond: refusal(409, "AnotherOperationInProgress") },
      { on: "put", operation },
    ],
  ],
  "kept busy": [created, [{ on: "put", busySeconds: 40 }]],
  down: [created, [{ on: "put", times: 2, respond: refusal(503, "ServerBusy") }]],
  throttled: [created, [{ on: "put", times: 2, respond: refusal(429, "TooManyRequests", 15) }], { status: 429, seconds: 15 }],
  "slow to be asked": [created, [{ on: "put", operation, headers: { "retry-after": "90" } }], { status: 201, seconds: 90 }],
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
 * Each on a gateway that nobody else wants: it takes no time of others, and who does not give it
 * back is found out.
 */
const lonely = [
  ...["slow to be asked", "canceled", "refused", "link failed", "answer broken off", "polls refused", "slow to show it"],
  ...["kept busy", "echoed", "vaulted", "nowhere"],
];
/** How many messages there are for each instance that is removed before it comes again. */
const FOR_EACH_PURGE = 4;

/**
 * What is sent when everything is quiet, wave after wave. First scenes without disturbance, and
 * changes of new connections, each with its own trouble. Then what was asked before comes
 * again, some of it with another payload, and the same connections are wanted once more, or
 * otherwise.
 */
export function closingOf(
  name: string,
  size: "short" | "full",
  gateways: readonly string[],
  before: readonly Letter[],
  { marks, vaultMarks }: { readonly marks: readonly string[]; readonly vaultMarks: readonly string[] },
): { readonly waves: Step[][]; readonly gateways: readonly string[]; readonly vault: Readonly<Record<string, string>> } {
  const at = (index: number) => gateways[index % gateways.length] ?? "gateway1";
  const key = keyOf(marks);
  const post = (id: string, wish: Wish, mustEnd: Ending, script: Script = [], mustWait?: Letter["about"]["mustWait"]): Step => {
    const envelope = { messageId: `${name}-${id}`, mustEnd, ...(mustWait ? { mustWait } : {}) };
    const letter = requestLetter(asked(`${name}-${id}`), wish, envelope);
    const faults = script.map((fault) => ({ connection: wish.connection, ...fault }));
    return send(letter, faults.length > 0 ? { weather: { name: id, faults } } : {});
  };
  const wishOf = (trial: string, index: number): Wish => {
    const gateway = lonely.includes(trial) ? lonelyGateway(trial) : at(index);
    return { gateway, connection: `${gateway}-${trial.replaceAll(" ", "-")}`, bandwidth: 100, key: null };
  };
  // The others have every gateway between them: where a terminated instance had one, somebody has
  // to come.
  const sharing = Object.keys(trials).filter((trial) => !lonely.includes(trial));
  const wishes = new Map([...sharing, ...lonely].map((trial, index) => [trial, wishOf(trial, index)]));
  const wishFor = (trial: string) => wishes.get(trial) ?? wishOf(trial, 0);
  const keyed = { ...wishOf("keyed", sharing.length), key };
  const echoed = { ...wishOf("echoed", 1), key };
  const quoted = { ...wishOf("quoted", 1), key };
  const quoting = (quotation: string): Script => {
    const body = { error: { code: "BadRequest", message: `The key ${quotation} is refused.`, details: [] } };
    return [{ on: "put", respond: { ...refusal(400, "BadRequest"), body } }];
  };
  const echoing: Script = [{ on: "get", times: "always", echoSharedKey: true }];
  const refused: Ending = { outcome: "Failed", code: "RequestRefused" };
  // Nobody else names this gateway: the app remembers what it has read of all others.
  const nowhere = { ...wishOf("nowhere", 0), gateway: "gateway50", misdirected: true as const };
  const vaulted = { ...wishOf("vaulted", 2), key: keyOf(vaultMarks), keyIn: `vpn-${name}` };
  const unchanged: Ending = { outcome: "Succeeded", change: "Unchanged" };
  const updated: Ending = { outcome: "Succeeded", change: "Updated" };

  const repeated = (letters: readonly Letter[], wave: string) =>
    letters.map((letter, index) => send(again(letter, index % 2 ? undefined : `${name}-${wave}-${index}`)));
  const { quiet, loud } = playQuietScenes(name, size);
  const changes = [
    send(nonsenseLetter(`${name}-nonsense`)),
    ...Object.entries(trials).map(([trial, told]) => post(trial.replaceAll(" ", "-"), wishFor(trial), ...told)),
    send(
      requestLetter({ source: queueSource, id: `${name}-bare`, payload: "only" }, wishOf("bare", 1), {
        messageId: `${name}-bare`,
        bare: true,
        mustEnd: created,
      }),
    ),
    post("keyed", keyed, created),
    post("echoed", echoed, created, echoing),
    post("quoted", quoted, refused, quoting(key)),
    post("nowhere", nowhere, { outcome: "Rejected", code: "InvalidRequest" }, [
      { connection: nowhere.gateway, on: "check", times: "always", respond: refusal(404, "ResourceNotFound") },
    ]),
    post("vaulted", vaulted, created, echoing),
    post("vaulted-quoted", { ...vaulted, connection: "vaulted-quoted" }, refused, quoting(vaulted.key)),
  ];
  const unknown = send(
    cancelLetter(asked(`${name}-cancel-unknown`), asked(`${name}-unknown`), {
      messageId: `${name}-cancel-unknown`,
      mustEnd: { outcome: "Rejected", code: "RequestUnknown" },
    }),
  );
  // Whoever answers these meets a broker that has too much to do, and nothing but the message
  // itself remembers them.
  const heeded = [...repeated(before.slice(0, 3), "early"), { at: 0, act: { kind: "serverBusy", operations: 6 } } satisfies Step];
  // A scene has its times: what would keep the host busy comes after it.
  const first = [unknown, ...quiet.flatMap(({ steps }) => steps)];
  const finished = { source: "/chaos/closing", id: `${name}-ordinary` };
  const second = [
    // What was answered stays answered, whoever has forgotten it.
    ...before.flatMap(({ about: { source, id } }, index) => (index % FOR_EACH_PURGE === 0 ? [purge({ source, id })] : [])),
    ...repeated(before, "late"),
    ...before.flatMap((letter, index) => (index % 5 === 0 ? [send(otherwise(letter, `${name}-other-${index}`))] : [])),
    post("same", wishFor("ordinary"), unchanged),
    post("same-again", wishFor("answer lost"), unchanged, [{ on: "get", reset: "after" }]),
    post("other", { ...wishFor("busy"), bandwidth: 200 }, { ...updated, differs: ["connectionBandwidth"] }, [
      { on: "put", reset: "after", operation },
    ]),
    post(
      "planned",
      { ...wishFor("down"), bandwidth: 200, mode: "plan" },
      { outcome: "Planned", change: "Updated", differs: ["connectionBandwidth"] },
    ),
    post("planned-same", { ...wishFor("throttled"), mode: "plan" }, { outcome: "Planned", change: "Unchanged", differs: [] }),
    post("repaired", wishFor("failing"), updated),
    post("keyed-same", keyed, unchanged),
    post("keyed-other", { ...echoed, key: keyOf(marks.toReversed()) }, { ...updated, differs: ["sharedKey"] }),
    post("broader", { ...wishFor("slow to show it"), bandwidth: 200 }, { ...updated, differs: ["connectionBandwidth"] }),
    ...["/", ""].map((end, index) => {
      const [wish, ends]: [Wish, Ending] = [
        { ...wishFor("throttled"), mode: "plan" },
        { outcome: "Planned", change: "Unchanged" },
      ];
      const who: Asked = { source: `/chaos/closing${end}`, id: `${index > 0 ? "/" : ""}${name}-split`, payload: "only" };
      return send(requestLetter(who, wish, { messageId: `${name}-split-${index}`, mustEnd: ends }));
    }),
    post("invalid", { ...wishFor("ordinary"), unknownField: true }, { outcome: "Rejected", code: "InvalidRequest" }),
    post("out-of-range", { ...wishFor("busy"), bandwidth: 0 }, { outcome: "Rejected", code: "InvalidRequest", untouched: true }),
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
  const own = [...[...quiet, loud].map((scene) => scene.gateway), ...lonely.map(lonelyGateway)];
  const endsSomebody = ({ steps }: Scene) => steps.some(({ act }) => act.kind === "end");
  const third = [
    ...repeated(loud.letters, "last"),
    // Whoever was terminated may have the gateway still, if nobody came after it on a slow machine:
    // somebody has to come.
    ...[...quiet, loud].filter(endsSomebody).map(({ gateway }) => {
      const connection = `${gateway}-evicting`;
      return post(connection, { ...wishFor("ordinary"), gateway, connection }, created);
    }),
  ];
  return {
    waves: [first, heeded, changes, second, third].map((wave) => wave.sort((a, b) => a.at - b.at)),
    gateways: own,
    vault: { [vaulted.keyIn]: vaulted.key },
  };
}

const send = (letter: Letter, more: { readonly weather?: Weather } = {}): Step => ({ at: 0, act: { kind: "send", letter, ...more } });
const purge = (of: { readonly source: string; readonly id: string }): Step => ({ at: 0, act: { kind: "purge", of } });
const lonelyGateway = (trial: string) => `gateway${31 + lonely.indexOf(trial)}`;
const asked = (id: string) => ({ source: "/chaos/closing", id, payload: "only" });

/** Another payload under a known source and id. */
function otherwise({ about: { source, id } }: Letter, messageId: string): Letter {
  const wish = { gateway: "gateway1", connection: "otherwise", bandwidth: 10, key: null };
  return requestLetter({ source, id, payload: "late" }, wish, { messageId });
}
