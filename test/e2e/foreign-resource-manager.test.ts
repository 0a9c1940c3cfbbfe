import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startHttpsEndpoint, type WireAnswer, type WireRequest } from "../support/https-endpoint.ts";
import { startTestStack } from "../support/running-stack.ts";
import { sampleEvent, structured } from "../support/sample.ts";

// Somebody else's Resource Manager under --arm-endpoint, with its own certificate: what it
// sees, and what becomes of requests when it misbehaves.

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

async function stackAgainst(answer: (request: WireRequest, nth: number) => WireAnswer, speed = 1) {
  const endpoint = await startHttpsEndpoint(answer);
  closers.push(endpoint.close);
  const stack = await startTestStack({
    armEndpoint: endpoint.url,
    speed,
    shell: { ...process.env, NODE_EXTRA_CA_CERTS: endpoint.caFile },
  });
  closers.push(stack.stop);
  return { endpoint, stack };
}

async function answerTo(stack: Awaited<ReturnType<typeof startTestStack>>, boundMs = 30_000) {
  const event = sampleEvent();
  await stack.send(structured(event));
  const message = await eventually("the completion", () => stack.received.find(({ body }) => body.data.requestId === event.id), boundMs);
  return { event, data: message.body.data };
}

const path = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/vpnGateways/gateway1/vpnConnections/vpnConnection1";

describe("somebody else's Resource Manager", { concurrency: true }, () => {
  test("it sees GET, PUT, polls and GET, each with a token, and polls as its own URL and Retry-After say", async () => {
    const operation = `/subscriptions/subid/providers/Microsoft.Network/locations/x/operations/1?api-version=2019-01-01&t=${randomBytes(12).toString("hex")}&c=${randomBytes(2_200).toString("base64url")}&s=%2b%2F~(a)&&x=`;
    let polls = 0;
    const resource = (provisioningState: string) => ({
      name: "vpnConnection1",
      properties: { provisioningState, future: { kept: [1, "2", null] } },
    });
    const { endpoint, stack } = await stackAgainst((request) => {
      if (request.method === "PUT")
        return {
          status: 201,
          headers: { "azure-asyncoperation": `${endpoint.url}${operation}`, "retry-after": "3" },
          body: resource("Updating"),
        };
      if (request.url === operation) {
        polls++;
        return polls < 3
          ? { status: 200, headers: { "retry-after": "2" }, body: { status: "InProgress" } }
          : { status: 200, body: { status: "Succeeded" } };
      }
      return polls === 0
        ? { status: 404, body: { error: { code: "NotFound", message: "none" } } }
        : { status: 200, body: resource("Succeeded") };
    });
    const { event, data } = await answerTo(stack);
    assert.deepEqual([data.outcome, data.change], ["Succeeded", "Created"]);
    assert.deepEqual(data.resource, resource("Succeeded"));
    // What the request names is read before, here without success.
    const isNamed = ({ url }: WireRequest) => !url.startsWith(path) && url !== operation;
    assert.ok(endpoint.asked.filter(isNamed).every(({ method, headers }) => method === "GET" && headers.authorization));
    const asked = endpoint.asked.filter((request) => !isNamed(request));
    assert.deepEqual(
      asked.map(({ method, url }) => `${method} ${url}`),
      [
        `GET ${path}?api-version=2024-03-01`,
        `PUT ${path}?api-version=2024-03-01`,
        ...Array(3).fill(`GET ${operation}`),
        `GET ${path}?api-version=2024-03-01`,
      ],
    );
    assert.deepEqual(JSON.parse(asked[1]?.text ?? ""), event.data.connection);
    assert.equal(asked[1]?.headers["content-type"], "application/json");
    for (const { headers } of asked) assert.match(String(headers.authorization), /^Bearer ey[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal(new Set(asked.map(({ headers }) => headers["x-ms-correlation-request-id"])).size, 1);
    assert.equal(asked[0]?.headers["x-ms-correlation-request-id"], data.arm.correlationRequestId);
    for (const [index, seconds] of [3, 2, 2].entries()) {
      const waited = (asked[index + 2]?.at ?? 0) - (asked[index + 1]?.at ?? 0);
      assert.ok(waited >= seconds * 1000, `poll ${index} came after ${waited} ms`);
    }
  });

  test("one that fails with 500 for ever: Failed in bounded time, and it says what was answered", async () => {
    const { stack } = await stackAgainst(() => ({ status: 500, body: { error: { code: "InternalServerError", message: "down" } } }), 300);
    const { data } = await answerTo(stack);
    assert.deepEqual(
      [data.outcome, data.problem.code, data.problem.arm.code, data.problem.retryable],
      ["Failed", "ServiceUnavailable", "InternalServerError", true],
    );
    assert.ok(data.arm.attempts.length > 3);
  });

  test("one whose certificate nobody vouches for: Failed, and it never sees a token", async () => {
    const stranger = await startHttpsEndpoint(() => ({ status: 200, body: {} }));
    closers.push(stranger.close);
    const stack = await startTestStack({
      armEndpoint: stranger.url,
      speed: 300,
      shell: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
    });
    closers.push(stack.stop);
    const { data } = await answerTo(stack);
    assert.deepEqual([data.outcome, data.problem.code], ["Failed", "ServiceUnavailable"]);
    assert.equal(stranger.asked.length, 0);
  });

  test("one that is not there: Failed in bounded time", async () => {
    const gone = await startHttpsEndpoint(() => "reset");
    await gone.close();
    const stack = await startTestStack({ armEndpoint: gone.url, speed: 300 });
    closers.push(stack.stop);
    const { data } = await answerTo(stack);
    assert.deepEqual([data.outcome, data.problem.code], ["Failed", "ServiceUnavailable"]);
  });

  test("one that never answers: each call is given up after its timeout, and the request in bounded time", async () => {
    const { endpoint, stack } = await stackAgainst(({ url }) => (url.startsWith(path) ? "hang" : { status: 404 }), 60);
    const { data } = await answerTo(stack, 60_000);
    assert.deepEqual([data.outcome, data.problem.code], ["Failed", "ServiceUnavailable"]);
    assert.equal(endpoint.asked.filter(({ url }) => url.startsWith(path)).length, 1);
  });

  const odd: readonly (readonly [name: string, answer: WireAnswer, code: string])[] = [
    [
      "a page of HTML with status 200",
      { status: 200, headers: { "content-type": "text/html" }, body: "<html>sign in</html>" },
      "ServiceUnavailable",
    ],
    ["a redirect to somebody else", { status: 302, headers: { location: "https://evil.example/" } }, "RequestRefused"],
    ["a refusal without a body", { status: 400 }, "RequestRefused"],
    ["a refusal of the token", { status: 401, body: { error: { code: "InvalidAuthenticationToken", message: "no" } } }, "NotAuthorized"],
  ];
  test("whatever it answers to the first read, there is one completion", async () => {
    let answer: WireAnswer = "reset";
    const { stack } = await stackAgainst(
      ({ method }) => (method === "GET" ? answer : { status: 400, body: { error: { code: "NoSuchThing", message: "refused" } } }),
      100,
    );
    for (const [name, given, code] of odd) {
      answer = given;
      const { data } = await answerTo(stack);
      assert.deepEqual([data.outcome, data.problem.code], ["Failed", code], name);
    }
  });
});
