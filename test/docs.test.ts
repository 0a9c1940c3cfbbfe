import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createFaults, type Fault } from "../local/azure/faults.ts";
import { readConfig } from "../local/service-bus/config.ts";
import { cancelDataSchema, cancelType } from "../shared/contract/cancel.ts";
import { readMessage } from "../shared/contract/message.ts";
import { problemCodes } from "../shared/contract/problem.ts";
import { validate } from "../shared/contract/validate.ts";
import { policySchema } from "../shared/policy.ts";
import { settingNames } from "../shared/settings.ts";

// What the documents say is held to what the code does: every example is parsed, every command
// exists, every link and every path leads somewhere.

const root = join(import.meta.dirname, "..");
const documents = globSync(["*.md", ".github/*.md", "{docs,local,bench,examples,test}/**/*.md"], { cwd: root })
  .filter((path) => !path.includes("node_modules"))
  .sort();
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const blocksOf = (path: string, language: string) =>
  [...textOf(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, block = ""]) => block);
const scripts = (JSON.parse(textOf("package.json")) as { scripts: Record<string, string> }).scripts;

test("the documents a stranger looks for are there", () => {
  for (const path of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]) assert.ok(documents.includes(path), path);
  for (const page of [
    "architecture",
    "flows",
    "contract",
    "requesting",
    "deploying",
    "security",
    "cost",
    "settings",
    "operations",
    "scale",
    "local-development",
  ])
    assert.ok(documents.includes(join("docs", `${page}.md`)), page);
  for (const folder of ["azure", "functions-host", "service-bus", "stack"])
    assert.ok(documents.includes(join("local", folder, "README.md")), folder);
  assert.ok(existsSync(join(root, "LICENSE")));
});

test("the map of the tests has every folder of test/", () => {
  const folders = readdirSync(join(root, "test"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const map = textOf("test/README.md");
  for (const { name } of folders) assert.ok(map.includes(`| \`test/${name}/\` |`), name);
});

for (const path of documents) {
  test(`${path}: links lead to files, commands exist, examples are valid`, () => {
    const text = textOf(path);
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https:\/\//.test(link)) continue;
      const [target = "", anchor] = link.split("#");
      const file = target === "" ? path : join(dirname(path), target);
      assert.ok(existsSync(join(root, file)), `${path} links to ${target}`);
      if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), `${path} links to ${link}`);
    }
    for (const [, named = ""] of text.matchAll(
      /`((?:functions|orchestrations|shared|azure|tools|infra|local|packaging|schemas|examples|bench|docs|test)\/[\w./-]*)`/g,
    ))
      assert.ok(existsSync(join(root, named)), `${path} names ${named}`);
    const commands = [...text.matchAll(/`([^`\n]+)`/g), ...blocksOf(path, "sh").flatMap((block) => [...block.matchAll(/^(.+)$/gm)])].map(
      ([, command = ""]) => command,
    );
    for (const command of commands) checkCommand(command);
    for (const block of blocksOf(path, "json")) checkExample(JSON.parse(block));
  });
}

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(path: string): string[] {
  const headings = [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
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
      assert.match(
        textOf("local/dev.ts") + textOf("local/command-options.ts"),
        new RegExp(`"--${option}[ "]`),
        `${command}: npm run dev has no --${option}`,
      );
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
  // Keys are sealed before a request is validated. Documents show them as a requester writes them.
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

test("the README is short: 700 words at most", () => {
  const words = textOf("README.md").trim().split(/\s+/).length;
  assert.ok(words <= 700, `${words} words`);
});

test("the table of settings has every setting and no other", () => {
  const section = textOf("docs/settings.md").split("| setting |")[1]?.split("\n\n")[0] ?? "";
  const named = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  assert.deepEqual(named.sort(), [...settingNames].sort());
});

test("the table of the policy has every field and its default, and no other", () => {
  const section = textOf("docs/settings.md").split("| field |")[1] ?? "";
  const { budgets, raisedWarnings, ...numbers } = policySchema.parse({});
  const { transient, busy } = budgets;
  const values = { "budgets.transient.seconds": transient.seconds, "budgets.busy.seconds": busy.seconds, ...numbers };
  const rows = [...section.matchAll(/^\| `([^`]+)` \|.*\| (\S+) \|$/gm)].map(([, name = "", value = ""]) => [name, value]);
  assert.deepEqual(Object.fromEntries(rows), {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
    raisedWarnings: raisedWarnings.length === 0 ? "none" : raisedWarnings,
  });
});

test("the entities of the broker's configuration are those that the deployment names", () => {
  const { queues, topics } = readConfig(join(root, "local", "service-bus", "config.json"));
  for (const { name } of [...queues, ...topics]) assert.ok(textOf("docs/deploying.md").includes(`\`${name}\``), name);
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
  for (const path of documents.filter((document) => document !== join("docs", "contract.md"))) {
    for (const [, code = ""] of textOf(path).matchAll(
      /`((?:Request|Internal|Invalid|Unreadable|Not|Operation|Provisioning|Gateway)[A-Z][A-Za-z]+)`/g,
    )) {
      assert.ok(words.has(code), `${path} names ${code}`);
    }
  }
});

test("the state diagram and the table of the custom status have every step that an orchestration shows", () => {
  const union = /type StatusStep =([\s\S]*?);/.exec(textOf("shared/durable/names.ts"))?.[1] ?? "";
  const steps = [...union.matchAll(/"(\w+)"/g)].map(([, step = ""]) => step).sort();
  assert.ok(steps.length > 8);
  const diagram = /stateDiagram-v2\n([\s\S]*?)```/.exec(textOf("docs/flows.md"))?.[1] ?? "";
  const drawn = [...diagram.matchAll(/^\s+(\S+) --> (\w+|\[\*\])/gm)].flatMap(([, from = "", to = ""]) => [from, to]);
  assert.deepEqual([...new Set(drawn)].filter((state) => state !== "[*]").sort(), steps);
  const table = textOf("docs/operations.md").split("| `step` | means | look at |")[1]?.split("\n\n")[0] ?? "";
  const listed = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, step]) => step),
  );
  assert.deepEqual(listed.sort(), steps);
});

test("the log lines of one message are JSON, and their steps are in the order of the flow", () => {
  const lines = blocksOf("docs/flows.md", "text").flatMap((block) => block.trim().split("\n"));
  const steps = lines.map((line) => (JSON.parse((JSON.parse(line) as { message: string }).message) as { step: string }).step);
  assert.deepEqual(steps, ["received", "validated", "submitted", "polled", "polled", "provisioned", "verified", "published"]);
});
