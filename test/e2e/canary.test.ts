import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, test } from "node:test";
import { inspect } from "node:util";
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { Fault } from "../../local/azure/faults.ts";
import { eventually } from "../support/eventually.ts";
import { marksIn, newMark } from "../support/marks.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { type SeenRequest, startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";
import { disguises, everySpellingOf } from "../support/spellings.ts";

// Marked keys go through the whole stack, in every way a requester may send them and Azure may
// repeat them, and the host is killed on the way. Then all that the stack has written or said is
// searched for the marks.

/**
 * The marks of every key, by what the key is for. A key has one at each end, so that half of it is
 * found too.
 */
const marksOf = new Map<string, readonly string[]>();
function keyFor(what: string, middle = "_"): string {
  const ends = [newMark(), newMark()];
  marksOf.set(what, ends);
  return ends.join(middle);
}
/** Stands in a ticket, which nobody touches: what it can be found in can be searched. */
const visible = newMark();

/** What JSON, URLs, forms or HTML write in another way. */
const awkward = "\"\\%/+&<>'= ;#?{}`!~";
const key = {
  first: keyFor("first link"),
  refused: keyFor("refused PUT", awkward),
  text: keyFor("refusal that is no JSON", awkward),
  outage: keyFor("outage", awkward),
  failed: keyFor("failed operation", awkward),
  poll: keyFor("refused poll", awkward),
  foreign: keyFor("foreign operation URL", awkward),
  renamed: keyFor("other name in Azure", awkward),
};
/** Begins with another key: where that is cut out first, the rest would stay. */
const longer = `${key.first}${keyFor("second link")}`;

/** An error as Azure words it, with the key in every field. */
const errorAbout = (secret: string) => ({
  code: `Bad${secret}`,
  message: `The value ${secret} in ${JSON.stringify({ properties: { sharedKey: secret } })} is invalid.`,
  details: [
    { code: "Inner", message: JSON.stringify({ request: JSON.stringify({ body: JSON.stringify({ secret }) }) }), target: secret },
    { additionalInfo: [{ type: "Echo", info: { [secret]: [...everySpellingOf(secret), ...disguisesOf(secret)] } }] },
  ],
});

const disguisesOf = (secret: string) => Object.values(disguises).map((disguise) => disguise(secret));

type Event = ReturnType<typeof sampleEvent>;
interface Scenario {
  readonly name: string;
  /** Writes the keys into the sample. */
  readonly change: (event: Event) => void;
  /** What Azure does beside its ordinary work and the echo of keys. */
  readonly faults?: readonly Omit<Fault, "connection">[];
  readonly expected: string;
}
const linksOf = (event: Event) => event.data.connection.properties.vpnLinkConnections;
const inLink = (fields: object) => (event: Event) => void Object.assign(linksOf(event)[0]?.properties ?? {}, fields);
const sites = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/vpnSites";
const killed = "a key at work while the host is killed";

const scenarios: readonly Scenario[] = [
  {
    name: "a key of the connection itself",
    change(event) {
      const { properties } = event.data.connection;
      Reflect.deleteProperty(properties, "vpnLinkConnections");
      Object.assign(properties, { remoteVpnSite: { id: `${sites}/siteWithoutLinks` }, sharedKey: keyFor("connection", awkward) });
      event.data.ticket = { note: visible };
    },
    expected: "Succeeded",
  },
  {
    name: "keys of two links, one the beginning of the other",
    change(event) {
      inLink({ sharedKey: key.first })(event);
      const second = { vpnSiteLink: { id: `${sites}/vpnSite1/vpnSiteLinks/siteLink2` }, sharedKey: longer };
      linksOf(event).push({ name: "Connection-Link2", properties: { ...linksOf(event)[0]?.properties, ...second } });
    },
    faults: [{ on: "put", respond: { status: 503, body: { error: { code: "Echo", message: `neither ${key.first} nor ${longer}` } } } }],
    expected: "Succeeded",
  },
  {
    name: "a key quoted in the refusal of a PUT",
    change: inLink({ sharedKey: key.refused }),
    faults: [{ on: "put", times: "always", respond: { status: 400, body: { error: errorAbout(key.refused) } } }],
    expected: "Failed RequestRefused",
  },
  {
    name: "a key quoted in a refusal that is no JSON",
    change: inLink({ sharedKey: key.text }),
    faults: [{ on: "put", times: "always", respond: { status: 400, body: `<html>${everySpellingOf(key.text).join()}` } }],
    expected: "Failed RequestRefused",
  },
  {
    name: "a key quoted while Azure is out of order, and an answer that is lost",
    change: inLink({ sharedKey: key.outage }),
    faults: [
      { on: "get", respond: { status: 503, body: `<html>${key.outage}` } },
      { on: "get", respond: { status: 200, body: `<html>${key.outage}` } },
      { on: "put", respond: { status: 500, body: { error: errorAbout(key.outage) } } },
      { on: "put", reset: "after" },
    ],
    expected: "Succeeded",
  },
  {
    name: "a key quoted by a failed operation",
    change: inLink({ sharedKey: key.failed }),
    faults: [{ on: "put", operation: { end: "Failed", error: errorAbout(key.failed) } }],
    expected: "Failed OperationFailed",
  },
  {
    name: "a key quoted in the refusal of a poll",
    change: inLink({ sharedKey: key.poll }),
    faults: [{ on: "poll", times: "always", respond: { status: 403, body: { error: errorAbout(key.poll) } } }],
    expected: "Failed NotAuthorized",
  },
  {
    name: "a key in an operation URL of another endpoint",
    change: inLink({ sharedKey: key.foreign }),
    faults: [
      {
        on: "put",
        headers: { "azure-asyncoperation": `https://elsewhere.example/operations/1?key=${encodeURIComponent(key.foreign)}` },
        echoSharedKey: true,
      },
    ],
    expected: "Succeeded",
  },
  {
    name: "a key that Azure shows under another name",
    change: inLink({ sharedKey: key.renamed }),
    faults: [
      {
        on: "get",
        after: 1,
        times: "always",
        respond: {
          status: 200,
          body: {
            properties: {
              provisioningState: "Succeeded",
              ike: key.renamed,
              [key.renamed]: [...everySpellingOf(key.renamed), ...disguisesOf(key.renamed)],
            },
          },
        },
      },
    ],
    expected: "Succeeded",
  },
  {
    name: killed,
    change: inLink({ sharedKey: keyFor("killed host", awkward) }),
    faults: [{ on: "put", operation: { seconds: 60 }, echoSharedKey: true }],
    expected: "Succeeded",
  },
  {
    name: "keys under other names",
    change(event) {
      inLink({ pre_shared_key: keyFor("pre_shared_key"), PSK: keyFor("PSK"), sharedKye: keyFor("sharedKye") })(event);
      Object.assign(event.data.connection.properties, { "Shared-Key": keyFor("Shared-Key"), sharedKeys: [keyFor("sharedKeys")] });
      Object.assign(event.data, { ikeSecret: keyFor("ikeSecret", awkward) });
    },
    expected: "Rejected InvalidRequest",
  },
  {
    name: "keys of a wrong type",
    change(event) {
      inLink({ sharedKey: { value: keyFor("object") } })(event);
      Object.assign(event.data.connection.properties, {
        sharedKey: [keyFor("array")],
        psk: { keyVaultSecretUri: { a: keyFor("reference") } },
      });
    },
    expected: "Rejected InvalidRequest",
  },
  {
    name: "a key where the address of one should stand",
    change: inLink({ sharedKey: { keyVaultSecretUri: keyFor("address", awkward) } }),
    expected: "Rejected InvalidRequest",
  },
  {
    name: "a key in a request that is refused for something else",
    change(event) {
      inLink({ sharedKey: keyFor("refused request", awkward) })(event);
      Object.assign(event.data.connection.properties, { routingWeight: "7" });
    },
    expected: "Rejected InvalidRequest",
  },
  {
    name: "a key in a request of another version",
    change(event) {
      inLink({ sharedKey: keyFor("another version", awkward) })(event);
      event.type = "vpn-connection.provision.requested.v2";
    },
    expected: "Rejected UnsupportedVersion",
  },
  {
    name: "a key in a connection that is sent as a text",
    change(event) {
      inLink({ sharedKey: keyFor("link in a text", awkward) })(event);
      Object.assign(event.data, { connection: JSON.stringify({ sharedKey: keyFor("beginning of a text"), ...event.data.connection }) });
    },
    expected: "Rejected InvalidRequest",
  },
  {
    name: "a key in data that is sent as a text in a text",
    change(event) {
      inLink({ sharedKey: keyFor("data in a text", awkward) })(event);
      Object.assign(event, { data: JSON.stringify(JSON.stringify(event.data)) });
    },
    expected: "Rejected InvalidRequest",
  },
];

const places = [
  "the log of every process",
  "every event",
  "the quarantine, apart from what nobody could read",
  "the management API",
  "the data directory, each time the host was killed",
  "the data directory at the end",
  "every span",
] as const;

/** All that the stack had said and written by the end, in one text a place. */
let said: Record<(typeof places)[number], string>;
/** The answer to each scenario, by its name. */
const answers = new Map<string, ServiceBusReceivedMessage>();
let conflict: ServiceBusReceivedMessage;
let quarantined: readonly ServiceBusReceivedMessage[];
let seen: readonly SeenRequest[];
let logged: string;

before(async () => {
  const workplace = mkdtempSync(join(tmpdir(), "canary-"));
  const dataDirectory = join(workplace, "data");
  const copies: string[] = [];
  const receiver = await startOtlpReceiver();
  const stack = await startTestStack({
    dataDirectory,
    speed: 20,
    settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    onHost(event) {
      if (event !== "died") return;
      // Now, and not later: nobody writes until the next host is started.
      const copy = join(workplace, `copy${copies.length}`);
      cpSync(dataDirectory, copy, { recursive: true });
      copies.push(copy);
    },
  });
  let running = true;
  try {
    const events = scenarios.map(({ change }, index) =>
      sampleEvent((event) => {
        Object.assign(event.data.target, { gatewayName: `gateway${index + 1}`, connectionName: `canary${index + 1}` });
        change(event);
      }),
    );
    const faults = scenarios.flatMap((scenario, index) =>
      (scenario.faults ?? []).map((fault): Fault => ({ connection: `canary${index + 1}`, ...fault })),
    );
    for (const on of ["put", "get"] as const) faults.push({ connection: "*", on, times: "always", echoSharedKey: true });
    await stack.azure("POST", "/local/faults", faults);
    const about = (id: string) => stack.received.filter(({ body }) => body.data.requestId === id);
    const answerTo = (id: string) => eventually(`the answer to ${id}`, () => about(id)[0], 60_000);

    for (const event of events) await stack.send(structured(event));
    // A message that is in hand when the host dies comes back only when its lock ends.
    const api = () => managementAnswers(stack.stack.endpoints.functionsHost);
    await eventually("all are started", async () => (await api()).length > events.length);
    const status = await api();
    const gateway = `/gateway${scenarios.findIndex(({ name }) => name === killed) + 1}`;
    for (const step of ["submitted", "polled"]) {
      await eventually(step, () => stack.steps.some((one) => one.step === step && String(one["gatewayId"]).endsWith(gateway)));
      const pid = stack.stack.hostPid();
      process.kill(pid, "SIGKILL");
      await eventually("the host is back", () => stack.stack.hostPid() !== pid);
    }
    for (const [index, { name }] of scenarios.entries()) answers.set(name, await answerTo(events[index]?.id ?? ""));
    logged = events[0]?.id ?? "";

    const repeated = sampleEvent((event) => {
      event.data.target.connectionName = "repeated";
      inLink({ sharedKey: keyFor("repeated", awkward) })(event);
    });
    await stack.send(structured(repeated));
    await answerTo(repeated.id);
    await stack.send(structured(repeated));
    inLink({ sharedKey: keyFor("conflict", awkward) })(repeated);
    await stack.send(structured(repeated));
    await eventually("the answer again and the refusal", () => about(repeated.id).length >= 3);
    conflict = await eventually("the refusal", () => about(repeated.id).find(({ body }) => body.data.outcome === "Rejected"));

    const cut = { body: JSON.stringify(sampleEvent(inLink({ sharedKey: keyFor("unreadable") }))).slice(0, -1), messageId: randomUUID() };
    await stack.send({ ...cut, body: Buffer.from(cut.body) });
    await answerTo(cut.messageId);
    const attribute = sampleEvent((event) => Object.assign(event, { sharedKey: keyFor("unknown attribute") }));
    await stack.send(structured(attribute));
    await answerTo(attribute.id);
    // A message is answered first and kept after that.
    const quarantine = stack.client.createReceiver("vpn-connection-requests-quarantine", { skipParsingBodyAsJson: true });
    // Each look goes on where the last one ended.
    const kept: ServiceBusReceivedMessage[] = [];
    quarantined = await eventually("both unreadable messages are kept", async () => {
      kept.push(...(await quarantine.peekMessages(100)));
      return kept.length >= 2 && kept;
    });

    seen = await stack.seen();
    status.push(...(await api()));
    await stack.stop();
    running = false;
    assert.equal(copies.length, 2);
    said = {
      "the log of every process": stack.lines.join("\n"),
      "every event": stack.received.map(textOf).join("\n"),
      "the quarantine, apart from what nobody could read": quarantined.map((message) => textOf({ ...message, body: null })).join("\n"),
      "the management API": status.join("\n"),
      "the data directory, each time the host was killed": copies.map(contentOf).join("\n"),
      "the data directory at the end": contentOf(dataDirectory),
      "every span": receiver.bodies.join("\n"),
    };
  } finally {
    receiver.close();
    if (running) await stack.stop();
    rmSync(workplace, { recursive: true, force: true });
  }
});

/** Which keys a text holds, or one of their halves, by what they are for. */
function keysIn(text: string): string[] {
  const found = new Set(marksIn(text, [...marksOf.values()].flat()));
  return [...marksOf].filter(([, marks]) => marks.some((mark) => found.has(mark))).map(([what]) => what);
}

/** Everything in a message that its sender has set. */
function textOf(message: ServiceBusReceivedMessage): string {
  const { body, applicationProperties, messageId, correlationId, sessionId, subject, contentType } = message;
  return JSON.stringify({ body, applicationProperties, messageId, correlationId, sessionId, subject, contentType });
}

/**
 * All that the management API tells: the list, and each instance with input, output and history.
 */
async function managementAnswers(host: string): Promise<string[]> {
  const url = `${host}/runtime/webhooks/durabletask/instances`;
  const list = await (await fetch(`${url}?showInput=true`)).text();
  const each = (JSON.parse(list) as { instanceId: string }[]).map(async ({ instanceId }) =>
    (await fetch(`${url}/${instanceId}?showInput=true&showHistory=true&showHistoryOutput=true`)).text(),
  );
  return [list, ...(await Promise.all(each))];
}

/**
 * Every byte of every file in a directory, and every row of the store there, because a long text
 * lies scattered over the pages of its file.
 */
function contentOf(directory: string): string {
  const files = globSync("**", { cwd: directory }).filter((file) => statSync(join(directory, file)).isFile());
  const bytes = files.map((file) => `${file}\n${readFileSync(join(directory, file), "latin1")}`);
  const store = new DatabaseSync(join(directory, "durable.sqlite"));
  try {
    const tables = store.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const rows = tables.flatMap(({ name }) => store.prepare(`SELECT * FROM "${name}"`).all());
    return [...bytes, ...rows.map((row) => JSON.stringify(row))].join("\n");
  } finally {
    store.close();
  }
}

for (const { name, expected } of scenarios) {
  test(`${name}: ${expected}`, () => {
    const { outcome, problem } = answers.get(name)?.body.data ?? {};
    assert.equal([outcome, problem?.code].filter(Boolean).join(" "), expected, JSON.stringify(problem));
  });
}

test("another key under an id that is taken is a conflict", () => assert.equal(conflict.body.data.problem.code, "RequestIdConflict"));

test("Azure got the key of every request that it was asked to carry out, and showed or quoted each of them", () => {
  const carriedOut = [
    ...["first link", "refused PUT", "refusal that is no JSON", "outage", "failed operation", "refused poll", "foreign operation URL"],
    ...["other name in Azure", "second link", "killed host", "connection", "repeated"],
  ];
  assert.deepEqual(keysIn(JSON.stringify(seen.map(({ body }) => body))), carriedOut);
  assert.deepEqual(keysIn(JSON.stringify(seen.map(({ response }) => response))), carriedOut);
});

test("a message that nobody can read is kept as it came, its key with it", () => {
  const kept = quarantined.map(({ body }) => String(body)).join("\n");
  for (const what of ["unreadable", "unknown attribute"]) assert.equal(marksIn(kept, marksOf.get(what) ?? []).length, 2, what);
  assert.equal(quarantined.length, 2);
});

test("a ticket comes back as it came", () => {
  assert.deepEqual(answers.get(scenarios[0]?.name ?? "")?.body.data.ticket, { note: visible });
});

const instanceId = () => String(answers.get(scenarios[0]?.name ?? "")?.body.id).replace(".completed", "");
for (const place of places) {
  test(`what stands in ${place} is found there`, () => {
    const known =
      place === places[0]
        ? logged
        : place === places[2]
          ? String(quarantined[0]?.messageId)
          : place === "every span"
            ? instanceId()
            : visible;
    assert.deepEqual(marksIn(said[place], [known, newMark()]), [known]);
  });
}

for (const [way, written] of Object.entries<(text: string) => string>({
  "in capitals": (text) => text.toUpperCase(),
  "in every spelling": (text) => everySpellingOf(text).at(-1) ?? "",
  "in base64": (text) => Buffer.from(text).toString("base64"),
  "in base64, one byte later": (text) => Buffer.from(`x${text}`).toString("base64"),
  "in base64, two bytes later": (text) => Buffer.from(`xx${text}`).toString("base64url"),
  "in hex": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "as bytes in JSON": (text) => JSON.stringify(Buffer.from(text)),
  "as bytes in a log": (text) => inspect(Buffer.from(text)),
})) {
  test(`a mark is found ${way}, and half a key is found`, () => {
    const [begin, end] = [newMark(), newMark()];
    assert.deepEqual(marksIn(`… ${written(`<${begin}${awkward}`)} …`, [begin, end]), [begin]);
  });
}

for (const place of places) {
  test(`no trace of a key in ${place}`, () => {
    assert.deepEqual(keysIn(said[place]), []);
  });
}
