import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Fault } from "../../local/azure/faults.ts";
import { eventually } from "../support/eventually.ts";
import { type SeenRequest, startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// The most telling faults through the whole stack, over sockets;
// test/orchestrations/fault-matrix.test.ts has all of them in simulated time.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 50 });
});
after(() => stack.stop());

type Script = Omit<Fault, "connection">;
const error = (code: string) => ({ error: { code, message: "Scripted." } });
const always = { times: "always" } as const;

interface Row {
  readonly name: string;
  readonly faults: readonly Script[];
  /** Outcome and change, or outcome and problem. */
  readonly ends: string;
  /** What each PUT was answered, null where the answer did not come through. */
  readonly puts: readonly (number | null)[];
  /** The requester is warned that an operation URL was not followed. */
  readonly foreign?: true;
  /** What the polls asked: the operation, its result, or the connection itself. */
  readonly polled?: "operations" | "operationResults" | "connection";
}

const rows: readonly Row[] = [
  { name: "nothing", faults: [], ends: "Succeeded Created", puts: [201], polled: "operations" },
  {
    name: "the PUT's answer breaks off in the middle",
    faults: [{ on: "put", reset: "during" }],
    ends: "Succeeded Created",
    puts: [201],
    polled: "connection",
  },
  {
    name: "the PUT does not arrive, three times",
    faults: [{ on: "put", reset: "before", times: 3 }],
    ends: "Succeeded Created",
    puts: [null, null, null, 201],
  },
  {
    name: "a page of somebody in between, once for each kind of call",
    faults: (["get", "put", "poll"] as const).map((on) => ({ on, respond: { status: 200, body: "<html>Sign in</html>" } })),
    ends: "Succeeded Created",
    puts: [200, 201],
  },
  {
    name: "JSON that ends too early, at every poll of the first three",
    faults: [{ on: "poll", times: 3, respond: { status: 200, body: '{"status":"Succ' } }],
    ends: "Succeeded Created",
    puts: [201],
  },
  {
    name: "polls that say nothing",
    faults: [{ on: "poll", times: 2, respond: { status: 200, body: {} } }],
    ends: "Succeeded Created",
    puts: [201],
  },
  {
    name: "no header that names an operation",
    faults: [{ on: "put", headers: { "azure-asyncoperation": null } }],
    ends: "Succeeded Created",
    puts: [201],
    polled: "connection",
  },
  {
    name: "202 and a Location alone",
    faults: [{ on: "put", status: 202, headers: { "azure-asyncoperation": null, location: "{result}" } }],
    ends: "Succeeded Created",
    puts: [202],
    polled: "operationResults",
  },
  {
    name: "over at once",
    faults: [{ on: "put", operation: { seconds: 0 }, headers: { "azure-asyncoperation": null } }],
    ends: "Succeeded Created",
    puts: [201],
  },
  {
    name: "an operation URL elsewhere",
    faults: [{ on: "put", headers: { "azure-asyncoperation": "https://elsewhere.example/operations/1" } }],
    ends: "Succeeded Created",
    puts: [201],
    foreign: true,
    polled: "connection",
  },
  {
    name: "an operation that is forgotten at once",
    faults: [{ on: "poll", ...always, respond: { status: 404, body: error("NotFound") } }],
    ends: "Succeeded Created",
    puts: [201],
  },
  {
    name: "a connection that goes on updating behind its operation",
    faults: [{ on: "put", operation: { seconds: 5, lagSeconds: 40 } }],
    ends: "Succeeded Created",
    puts: [201],
  },
  {
    name: "a link that failed behind its operation",
    faults: [{ on: "get", after: 1, ...always, shows: { links: "Failed" } }],
    ends: "Failed ProvisioningFailed",
    puts: [201],
  },
  {
    name: "a gateway that somebody else's operation keeps busy",
    faults: [{ on: "put", busySeconds: 45 }],
    ends: "Succeeded Created",
    puts: [409, 201],
  },
  {
    name: "a redirect",
    faults: [{ on: "put", respond: { status: 307, headers: { location: "{endpoint}/elsewhere" } } }],
    ends: "Failed RequestRefused",
    puts: [307],
  },
  {
    name: "an operation that is canceled",
    faults: [{ on: "put", operation: { end: "Canceled" } }],
    ends: "Failed OperationCanceled",
    puts: [201],
  },
  {
    name: "waits named as a date and in words",
    faults: [
      {
        on: "put",
        respond: {
          status: 429,
          headers: { date: "Sun, 01 Mar 2026 08:00:00 GMT", "retry-after": "Sun, 01 Mar 2026 08:00:20 GMT" },
          body: error("TooManyRequests"),
        },
      },
      { on: "put", respond: { status: 429, body: { error: { code: "RetryableError", message: "It can be retried in 14 seconds." } } } },
    ],
    ends: "Succeeded Created",
    puts: [429, 429, 201],
  },
  {
    name: "reads that break off while the change is verified",
    faults: [{ on: "get", after: 1, times: 3, reset: "during" }],
    ends: "Succeeded Created",
    puts: [201],
  },
];

async function run({ faults }: Row, number: number) {
  const connection = `fault${number}`;
  await stack.azure(
    "POST",
    "/local/faults",
    faults.map((fault) => ({ connection, ...fault })),
  );
  const event = sampleEvent(({ data }) => Object.assign(data.target, { gatewayName: `gateway${number}`, connectionName: connection }));
  await stack.send(structured(event));
  const answer = await eventually("the completion", () => stack.received.find(({ body }) => body.data.requestId === event.id), 60_000);
  const { correlationRequestId } = answer.body.data.arm;
  const seen = (await stack.seen()).filter(({ headers }) => headers["x-ms-correlation-request-id"] === correlationRequestId);
  return { data: answer.body.data, connection, seen };
}

const putsOf = (seen: readonly SeenRequest[]) => seen.filter(({ method }) => method === "PUT");
const effective = (seen: readonly SeenRequest[]) =>
  putsOf(seen).filter(({ status, response }) => status && status < 300 && typeof response !== "string");

describe("faults through the whole stack", { concurrency: true }, () => {
  for (const [index, row] of rows.entries()) {
    test(row.name, async () => {
      const { data, connection, seen } = await run(row, index + 1);
      assert.equal(`${data.outcome} ${data.change ?? data.problem.code}`, row.ends, JSON.stringify(data.problem));
      assert.deepEqual(
        putsOf(seen).map(({ status }) => status),
        row.puts,
      );
      assert.ok(effective(seen).length <= 1);
      const warned = data.warnings.map(({ code }: { code: string }) => code).filter((code: string) => code === "ForeignOperationUrl");
      assert.deepEqual(warned, row.foreign ? ["ForeignOperationUrl"] : []);
      if (row.polled) {
        const reads = seen.slice(seen.findLastIndex(({ method }) => method === "PUT") + 1);
        // The last read is that after the change. It is the only one if the connection is polled
        // once.
        const polls = row.polled === "connection" ? reads : reads.slice(0, -1);
        const place = row.polled === "connection" ? `/vpnConnections/${connection}` : `/${row.polled}/`;
        assert.ok(polls.length > 0 && polls.every(({ url }) => url.includes(place)), polls.map(({ url }) => url.slice(0, 150)).join("\n"));
      }
    });
  }
});

test("calls of one provisioning: what it names once each, one GET, one PUT, polls as hinted, one GET", async () => {
  const { seen, connection } = await run(rows[0] as Row, 40);
  const own = seen.findIndex(({ url }) => url.includes(`/vpnConnections/${connection}?`));
  const checks = seen.slice(0, own);
  assert.ok(checks.length > 0 && checks.every(({ method, status }) => method === "GET" && status === 200));
  assert.equal(new Set(checks.map(({ url }) => url.toLowerCase())).size, checks.length, "nothing is read twice");
  const kinds = seen.slice(own).map(({ method, url }) => (url.includes("/operations/") ? "poll" : method));
  assert.deepEqual(
    kinds.filter((kind) => kind !== "poll"),
    ["GET", "PUT", "GET"],
  );
  const polls = seen.filter(({ url }) => url.includes("/operations/"));
  // The simulated operation takes 6 s and asks for 2 s between polls.
  assert.equal(polls.length, kinds.length - 3);
  assert.ok(polls.length <= 4, `${polls.length} polls`);
  for (const [index, poll] of polls.entries()) assert.ok(poll.at - (polls[index - 1]?.at ?? 0) >= 2000);
});
