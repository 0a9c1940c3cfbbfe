import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "jsonc-parser";
import { problemValuesWords, receptionWords } from "../../schemas/contract-reception.ts";
import { problemCodes } from "../../shared/contract/problem-codes.ts";

// What the contract says about Service Bus is what the entities are.

interface Entity {
  readonly Name: string;
  readonly Properties: { readonly DefaultMessageTimeToLive?: string; readonly RequiresSession?: boolean };
}
const config = parse(readFileSync(join(import.meta.dirname, "..", "..", "local", "service-bus", "config.json"), "utf8")) as {
  UserConfig: { Namespaces: [{ Queues: Entity[]; Topics: [Entity & { Subscriptions: Entity[] }] }] };
};
const [{ Queues, Topics }] = config.UserConfig.Namespaces;
const [topic] = Topics;
const daysOf = ({ Properties }: Entity) => /^P(\d+)D$/.exec(Properties.DefaultMessageTimeToLive ?? "")?.[1];

test("messages are kept as long as the contract says", () => {
  const words = receptionWords();
  for (const { Name, Properties } of topic.Subscriptions) {
    const days = daysOf({ Name, Properties }) ?? daysOf(topic);
    const row = words.split("\n").find((line) => line.startsWith(`| \`${Name}\``)) ?? "";
    assert.match(row, new RegExp(`\\| ${days} days? \\|$`));
    assert.equal(/sessions are required/.test(row), Properties.RequiresSession === true);
  }
  for (const queue of Queues) assert.match(words, new RegExp(`are kept for ${daysOf(queue)} days`));
});

test("the codes whose values may differ in an event are codes", () => {
  const codes = [...problemValuesWords().matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, code = ""]) => code);
  assert.ok(codes.length >= 4);
  for (const code of codes) assert.ok(Object.hasOwn(problemCodes, code), code);
});
