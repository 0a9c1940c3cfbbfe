import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { manners } from "../support/manners.ts";
import { requester, requestFor, said } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// Two requests for one connection, sent in a row, 0 to 50 ms apart: what stands in Azure in the end
// is the newer one, however the engine mixes them up.

const PAIRS = 20;
const LONGEST_GAP_MS = 50;
const BOUND_MS = 60_000;

/** A request for a connection of the pair, told from the other one by its bandwidth. */
function requestOf(pair: number, connectionBandwidth: number) {
  const request = requestFor(pair + 1, `pair${pair}`);
  for (const { properties } of request.data.connection.properties.vpnLinkConnections) Object.assign(properties, { connectionBandwidth });
  return request;
}

for (const { name, rough } of manners) {
  describe(`pairs of requests, ${name}`, () => {
    test("an older request never overwrites a newer one, and both are answered", async (t) => {
      const stack = await startTestStack({ rough });
      t.after(() => stack.stop());
      const ask = requester(stack);
      // Azure is done at once.
      const headers = { "azure-asyncoperation": null };
      await stack.azure("POST", "/local/faults", [{ connection: "*", on: "put", times: "always", operation: { seconds: 0 }, headers }]);
      const ends = await Promise.all(
        Array.from({ length: PAIRS }, async (_, pair) => {
          const [older, newer] = [requestOf(pair, 100), requestOf(pair, 300)];
          await pause(pair * 100);
          await ask.send(older);
          await pause((pair * LONGEST_GAP_MS) / (PAIRS - 1));
          await ask.send(newer);
          const answers = [await ask.answerTo(older, BOUND_MS), await ask.answerTo(newer, BOUND_MS)].map((answer) => said(answer));
          const written = (await ask.putsOf(`pair${pair}`)).filter(({ status }) => status !== null && status < 300);
          return { answers, bandwidths: written.map(({ body }) => bandwidthOf(body)) };
        }),
      );
      const reversed = ends.filter(({ bandwidths }) => bandwidths.at(-1) !== 300).length;
      t.diagnostic(`${reversed} of ${PAIRS} pairs ended with the older request`);
      assert.equal(reversed, 0, `${reversed} of ${PAIRS} pairs ended with the older request`);
      for (const { answers } of ends) {
        const [older = [], newer = []] = answers;
        assert.deepEqual(newer, ["Succeeded", null]);
        assert.ok(["Succeeded", "Superseded"].includes(older[1] ?? String(older[0])), older.join());
      }
    });
  });
}

function bandwidthOf(body: unknown): unknown {
  const { properties } = body as { properties: { vpnLinkConnections: { properties: { connectionBandwidth: unknown } }[] } };
  return properties.vpnLinkConnections[0]?.properties.connectionBandwidth;
}
