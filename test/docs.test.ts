import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createFaults, type Fault } from "../local/azure/faults.ts";
import { readConfig } from "../local/service-bus/config.ts";
import { cancelDataSchema, cancelType } from "../shared/contract/cancel.ts";
import { readMessage } from "../shared/contract/message.ts";
import { problemCodes } from "../shared/contract/problem.ts";
import { validate } from "../shared/contract/validate.ts";
import { settingNames } from "../shared/settings.ts";

// What the documents say is held to what the code does: every example is parsed, every command exists, every link leads somewhere.

const root = join(import.meta.dirname, "..");
const documents = globSync(["*.md", "docs/**/*.md", "local/**/*.md", "bench/**/*.md"], { cwd: root }).sort();
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const blocksOf = (path: string, language: string) =>
  [...textOf(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, block = ""]) => block);
const scripts = (JSON.parse(textOf("package.json")) as { scripts: Record<string, string> }).scripts;

test("the documents a stranger looks for are there", () => {
  for (const path of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/architecture.md", "docs/contract.md"])
    assert.ok(documents.includes(path), path);
  for (const folder of ["azure", "functions-host", "service-bus", "stack"])
    assert.ok(documents.includes(join("local", folder, "README.md")), folder);
  assert.ok(existsSync(join(root, "LICENSE")));
});

for (const path of documents) {
  test(`${path}: links lead to files, commands exist, examples are valid`, () => {
    const text = textOf(path);
    for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)\)/g)) {
      if (!/^https:\/\//.test(target)) assert.ok(existsSync(join(root, dirname(path), target)), `${path} links to ${target}`);
    }
    const commands = [...text.matchAll(/`([^`\n]+)`/g), ...blocksOf(path, "sh").flatMap((block) => [...block.matchAll(/^(.+)$/gm)])].map(
      ([, command = ""]) => command,
    );
    for (const command of commands) checkCommand(command);
    for (const block of blocksOf(path, "json")) checkExample(JSON.parse(block));
  });
}

function checkCommand(command: string): void {
  const script = /^npm (?:run )?(?:--silent )?([a-z:]+)/.exec(command)?.[1];
  if (script && script !== "ci") assert.ok(scripts[script], `${command}: package.json has no script ${script}`);
  const file = /^node local\/node\.js (?:--test )?(\S+)/.exec(command)?.[1];
  if (file) assert.ok(existsSync(join(root, file)), `${command}: ${file} is not there`);
  const request = /^npm (?:start|run send) -- (examples\/\S+)/.exec(command)?.[1];
  if (request) assert.ok(existsSync(join(root, request)), command);
  if (/^npm run dev -- /.test(command)) {
    for (const [, option = ""] of command.matchAll(/--([a-z-]+)\b/g)) {
      assert.match(textOf("local/dev.ts"), new RegExp(`["' ]${option}["':]`), `${command}: npm run dev has no --${option}`);
    }
  }
}

function checkExample(example: unknown): void {
  if (Array.isArray(example)) {
    const faults = createFaults();
    for (const fault of example) faults.add(fault as Fault);
    return;
  }
  checkRequest(example);
}

function checkRequest(example: unknown): void {
  const read = readMessage({
    body: Buffer.from(JSON.stringify(example)),
    messageId: "m",
    messageIdIsExact: true,
    contentType: "application/cloudevents+json",
    applicationProperties: {},
    queue: "q",
  });
  assert.ok(!("unreadable" in read), JSON.stringify(read));
  if (read.type === cancelType) return void cancelDataSchema.parse(read.data);
  // Keys are sealed before a request is validated; a document shows them as a requester writes them.
  const data = JSON.parse(JSON.stringify(read.data, (name, value) => (name === "sharedKey" ? { sealed: "k1.x" } : value)));
  const { findings } = validate(data, read.ticket);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === "error"),
    [],
  );
}

for (const path of globSync("examples/*.json", { cwd: root })) {
  test(`${path} is a valid request`, () => checkRequest(JSON.parse(textOf(path))));
}

test("the README's table of settings has every setting and no other", () => {
  const section = textOf("README.md").split("| setting |")[1]?.split("\n\n")[0] ?? "";
  const named = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  assert.deepEqual(named.sort(), [...settingNames].sort());
});

test("the entities that the README names are those of the broker's configuration", () => {
  const { queues, topics } = readConfig(join(root, "local", "service-bus", "config.json"));
  for (const { name } of [...queues, ...topics]) assert.ok(textOf("README.md").includes(`\`${name}\``), name);
  assert.deepEqual(
    topics.flatMap(({ subscriptions }) => subscriptions.map(({ name }) => name)),
    ["all", "replies"],
  );
});

test("the fault fields that the simulator's README lists are those it takes", () => {
  const section = textOf("local/azure/README.md").split("| field |")[1]?.split("\n\n")[0] ?? "";
  const listed = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  assert.throws(
    () => createFaults().add({ unknown: 1 } as unknown as Fault),
    (error) => error instanceof Error && error.message.endsWith(`it has ${listed.join(", ")}.`),
  );
});

test("every problem code that a document names exists", () => {
  const words = new Set(Object.keys(problemCodes));
  for (const path of ["README.md", "docs/architecture.md"]) {
    for (const [, code = ""] of textOf(path).matchAll(
      /`((?:Request|Internal|Invalid|Unreadable|Not|Operation|Provisioning|Gateway)[A-Z][A-Za-z]+)`/g,
    )) {
      assert.ok(words.has(code), `${path} names ${code}`);
    }
  }
});
