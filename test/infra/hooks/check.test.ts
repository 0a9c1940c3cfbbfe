import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startAzd } from "../../support/azd.ts";

// The hook that looks at the rules of `replies`.

const ours = { name: "$Default", properties: { filterType: "CorrelationFilter", correlationFilter: { properties: { reply: "true" } } } };
const everything = { name: "$Default", properties: { filterType: "SqlFilter", sqlFilter: { sqlExpression: "1=1" } } };

let rules: readonly object[] = [];
let status = 200;
let azd: Awaited<ReturnType<typeof startAzd>>;
before(async () => {
  azd = await startAzd(() => ({
    status,
    body: status === 200 ? { value: rules } : { error: { code: "AuthorizationFailed", message: "no" } },
  }));
});
after(() => azd.stop());

const remove =
  "az servicebus topic subscription rule delete --resource-group rg-prod --namespace-name sb-vpn-abc --topic-name vpn-connection-events --subscription-name replies --name";

for (const [what, found, code, says] of [
  ["our rule alone", [ours], 0, /^The subscription replies has its one rule\.\n$/],
  [
    "Azure's rule alone",
    [everything],
    1,
    /^The subscription replies of sb-vpn-abc has no rule that lets only \{"reply":"true"\} through, .*\n$/,
  ],
  ["no rule", [], 1, /has no rule that lets only/],
  [
    "another filter",
    [{ ...ours, properties: { filterType: "CorrelationFilter", correlationFilter: { properties: { reply: "yes" } } } }],
    1,
    /has no rule/,
  ],
  ["ours, and Azure's beside it", [{ ...ours, name: "reply-asked-for" }, everything], 1, new RegExp(`: ${remove} '\\$Default'\\n$`)],
  ["ours twice", [ours, { ...ours, name: "second" }], 1, new RegExp(`: ${remove} 'second'\\n$`)],
] as const) {
  test(`${what}: exit code ${code}, one sentence, and nothing is changed`, async () => {
    rules = found;
    const result = await azd.run("check");
    assert.equal(result.code, code, result.err);
    assert.match(result.out + result.err, says);
    assert.deepEqual(
      azd.asked.map(({ method, url }) => [method, url.replace(/^.*\/namespaces\//, "")]),
      [["GET", "sb-vpn-abc/topics/vpn-connection-events/subscriptions/replies/rules?api-version=2024-01-01"]],
    );
  });
}

test("the rules cannot be read: one sentence", async () => {
  status = 403;
  const { code, err } = await azd.run("check");
  assert.equal(code, 1);
  assert.match(
    err,
    /^Azure does not let you read the rules of the subscription replies of sb-vpn-abc \(403 AuthorizationFailed\): get the role Reader/,
  );
});
