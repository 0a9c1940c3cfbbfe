import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { textOf } from "../support/deployment.ts";
import { requester } from "../support/requester.ts";
import { startTestStack } from "../support/running-stack.ts";

// The app calls Azure for exactly what its roles allow: the log of the simulated Azure, after
// requests that name every kind of resource and follow both kinds of operation URLs.

let stack: Awaited<ReturnType<typeof startTestStack>>;
before(async () => {
  stack = await startTestStack({ speed: 30 });
});
after(() => stack.stop());

const example = (file: string) => {
  const event = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "examples", file), "utf8"));
  return { ...event, id: randomUUID() };
};

/** Returns the action that a call needs. A role given on a resource group has one below a group. */
function actionOf({ method, url }: { method: string; url: string }): string {
  const [path = ""] = url.split("?");
  const [, group, provider, types = ""] = /^\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?\/providers\/([^/]+)\/(.+)$/i.exec(path) ?? [];
  const names = types.split("/").filter((_name, index) => index % 2 === 0);
  // /locations/{location}/operations/{id}
  const verb = method === "GET" ? "read" : method === "PUT" ? "write" : method;
  return `${group ? "group" : "subscription"}: ${provider}/${names.join("/")}/${verb}`;
}

test("the actions of the custom roles are those that the app calls", async () => {
  const ask = requester(stack);
  const outcomeOf = async (event: { id: string; source: string; data: { target: { connectionName: string } } }) => {
    await ask.send(event);
    return (await ask.answerTo(event, 60_000)).body.data.outcome;
  };
  for (const file of ["every-section.json", "bgp-with-nat.json", "plan.json"]) {
    assert.match(await outcomeOf(example(file)), /^(Succeeded|Planned)$/, file);
  }
  const accepted = example("minimal.json");
  await stack.azure("POST", "/local/faults", {
    connection: accepted.data.target.connectionName,
    on: "put",
    status: 202,
    headers: { "azure-asyncoperation": null, location: "{result}" },
  });
  assert.equal(await outcomeOf(accepted), "Succeeded");

  const called = [...new Set((await stack.seen()).map(actionOf))].sort();
  const { resourceGroup = [], subscription = [] } = JSON.parse(textOf("gateway-actions.json")) as Record<string, string[]>;
  const allowed = [...resourceGroup.map((action) => `group: ${action}`), ...subscription.map((action) => `subscription: ${action}`)];
  assert.deepEqual(called, allowed.sort());
});
