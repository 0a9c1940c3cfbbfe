import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";

// The workflows of GitHub and the pipeline of Azure DevOps. None of them can run here: what they
// name exists, what they use is pinned, and they hold no secret.

const root = join(import.meta.dirname, "..");
const textOf = (path: string) => readFileSync(join(root, path), "utf8");
const scripts = (JSON.parse(textOf("package.json")) as { scripts: Record<string, string> }).scripts;
const workflows = globSync(".github/workflows/*.yml", { cwd: root }).sort();
const pipelines = globSync(".azuredevops/*.yml", { cwd: root }).sort();

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
const workflow = (path: string) => parse(textOf(path)) as Workflow;
const jobsOf = (path: string) => Object.entries(workflow(path).jobs);
const stepsOf = (path: string) => jobsOf(path).flatMap(([, { steps }]) => steps);
const deploy = workflow(".github/workflows/deploy.yml").jobs;

/** Everything that a pipeline of Azure DevOps runs in a shell. */
function shellOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(shellOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) =>
    ["script", "bash", "inlineScript"].includes(name) && typeof inside === "string" ? [inside] : shellOf(inside),
  );
}

test("there are both", () => {
  assert.deepEqual(
    workflows.map((path) => path.replaceAll("\\", "/")),
    [".github/workflows/ci.yml", ".github/workflows/deploy.yml"],
  );
  assert.deepEqual(
    pipelines.map((path) => path.replaceAll("\\", "/")),
    [".azuredevops/environment.yml", ".azuredevops/pipeline.yml"],
  );
});

for (const path of workflows) {
  test(`${path}: every action is pinned by its commit, with the version beside it`, () => {
    const used = [...textOf(path).matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action = ""]) => action);
    assert.ok(used.length > 0);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    for (const { uses } of stepsOf(path)) if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/);
  });

  test(`${path}: permissions are named for each job, and writing ones are few`, () => {
    const { permissions } = workflow(path);
    assert.deepEqual(
      Object.values(permissions).filter((right) => right !== "read"),
      [],
    );
    const writing = jobsOf(path).flatMap(([job, { permissions: own = {} }]) =>
      Object.entries(own).flatMap(([name, right]) => (right === "write" && name !== "id-token" ? [`${job}: ${name}`] : [])),
    );
    assert.deepEqual(writing, path.endsWith("deploy.yml") ? ["release: contents", "release: attestations"] : []);
  });

  test(`${path}: a job that signs in may ask for a token, and no other one`, () => {
    for (const [job, { steps, permissions = {} }] of jobsOf(path)) {
      const signs = steps.some(({ uses = "" }) => /^azure\/login@|^actions\/attest-/.test(uses));
      assert.equal(permissions["id-token"], signs ? "write" : undefined, job);
    }
  });
}

test("one action has one commit everywhere", () => {
  const used = workflows.flatMap((path) => [...textOf(path).matchAll(/uses: (\S+)@(.+)$/gm)]);
  const pins = new Map<string, Set<string>>();
  for (const [, action = "", pin = ""] of used) pins.set(action, new Set([...(pins.get(action) ?? []), pin]));
  for (const [action, found] of pins) assert.equal(found.size, 1, action);
});

for (const path of [...workflows, ...pipelines]) {
  test(`${path}: no secret is named, and what it runs exists`, () => {
    assert.doesNotMatch(textOf(path), /\bsecrets\.|client-secret|password: /i);
    const isGitHub = workflows.includes(path);
    const commands = isGitHub ? stepsOf(path).flatMap(({ run }) => (run === undefined ? [] : [run])) : shellOf(parse(textOf(path)));
    assert.ok(commands.length > 0);
    for (const command of commands) {
      for (const [, script = ""] of command.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g))
        assert.ok(scripts[script], `package.json has no script ${script}`);
      for (const [, step = ""] of command.matchAll(/\.ci\/deploy (\S+)/g)) assert.match(textOf(".ci/deploy"), stepOfScript(step), step);
      for (const [, file = ""] of command.matchAll(/(\.ci\/\w+)/g)) assert.doesNotThrow(() => textOf(file));
      // Values of others reach a shell as variables, never as text of a command.
      if (isGitHub) assert.doesNotMatch(command, /\$\{\{/);
    }
  });
}

function stepOfScript(step: string): RegExp {
  return new RegExp(`^ {2}(?:[\\w-]+ \\| )*${step}(?: \\| [\\w-]+)*\\)`, "m");
}

test(".ci/deploy calls scripts of package.json, with options that they have", () => {
  const called = [...textOf(".ci/deploy").matchAll(/npm run --silent (\w+) -- ([^|>\n]+)/g)].map(([, script = "", args = ""]) => ({
    script,
    options: [...args.matchAll(/--([a-z-]+)/g)].map(([, option = ""]) => option),
  }));
  assert.deepEqual(
    called.map(({ script }) => script),
    ["gate", "send"],
  );
  for (const { script, options } of called) {
    const file = /^node local\/node\.js (\S+)$/.exec(scripts[script] ?? "")?.[1] ?? "";
    for (const option of options) assert.match(textOf(file), new RegExp(`"--${option}[ "]`), `npm run ${script} has no --${option}`);
  }
});

test("deploy.yml: dev, then prod; each is planned before it is changed, and the zip is built once", () => {
  const needs = Object.fromEntries(Object.entries(deploy).map(([name, job]) => [name, [job.needs ?? []].flat()]));
  assert.deepEqual(needs, {
    release: [],
    "plan-dev": ["release"],
    dev: ["release", "plan-dev"],
    "plan-prod": ["release", "dev"],
    prod: ["release", "plan-prod"],
  });
  assert.deepEqual(
    Object.values(deploy).map(({ environment }) => environment),
    [undefined, "dev-plan", "dev", "prod-plan", "prod"],
  );
  const building = Object.entries(deploy).filter(([, { steps }]) => steps.some(({ run }) => run === "npm run release"));
  assert.deepEqual(
    building.map(([name]) => name),
    ["release"],
  );
});

test("deploy.yml: an environment is planned by what-if and history gate, and deployed by provision, zip and smoke test", () => {
  const shared = ({ steps }: Job | { steps: readonly Step[] } = { steps: [] }) =>
    steps.flatMap(({ run = "" }) => /\.ci\/deploy (\S+)/.exec(run)?.[1] ?? []);
  for (const environment of ["dev", "prod"]) {
    assert.deepEqual(shared(deploy[`plan-${environment}`]), ["what-if", "gate"]);
    assert.deepEqual(shared(deploy[environment]), ["provision", "app", "smoke"]);
  }
  for (const [name, { env = {} }] of Object.entries(deploy)) {
    if (name === "release") continue;
    const steps = name.startsWith("plan-") ? ["DEPLOYED", "DRAINED", "RELEASE_SHA256"] : ["RELEASE_SHA256"];
    for (const variable of steps) assert.ok(variable in env, `${name}: ${variable}`);
    for (const variable of Object.keys(env)) assert.ok(textOf(".ci/deploy").includes(variable), variable);
  }
});

test("deploy.yml: Azure is reached by the ids of an identity and nothing else", () => {
  const logins = Object.values(deploy).flatMap(({ steps }) => steps.filter(({ uses = "" }) => uses.startsWith("azure/login@")));
  assert.equal(logins.length, 4);
  for (const login of logins) assert.deepEqual(Object.keys(login.with ?? {}).sort(), ["client-id", "subscription-id", "tenant-id"]);
  assert.deepEqual(
    [...new Set(logins.flatMap((login) => Object.values(login.with ?? {})))],
    ["CLIENT", "TENANT", "SUBSCRIPTION"].map((what) => `\${{ vars.AZURE_${what}_ID }}`),
  );
});

test("deploy.yml: a rollback builds nothing, and its provenance is checked", () => {
  const steps = deploy["release"]?.steps ?? [];
  for (const { if: condition, run = "", uses = "" } of steps)
    if (/npm|release create/.test(run) || uses.includes("attest")) assert.equal(condition, "github.event_name == 'push'", run);
  const taking = steps.find(({ run = "" }) => run.includes("release download"));
  assert.equal(taking?.if, "github.event_name == 'workflow_dispatch'");
  assert.match(taking?.run ?? "", /gh attestation verify/);
});

test("the pipeline of Azure DevOps has the same steps", () => {
  const shell = shellOf(parse(textOf(".azuredevops/environment.yml"))).join("\n");
  assert.deepEqual(
    [...shell.matchAll(/\.ci\/deploy (\S+)/g)].map(([, step]) => step),
    ["what-if", "gate", "provision", "app", "smoke"],
  );
  const { stages } = parse(textOf(".azuredevops/pipeline.yml")) as {
    stages: { template?: string; parameters?: Record<string, unknown> }[];
  };
  assert.deepEqual(
    stages.flatMap(({ template, parameters }) => (template ? [[template, parameters?.["environment"], parameters?.["after"]]] : [])),
    [
      ["environment.yml", "dev", ["release"]],
      ["environment.yml", "prod", ["release", "dev"]],
    ],
  );
});

test("ci.yml compiles the Bicep files again and wants no difference", () => {
  const { infra } = workflow(".github/workflows/ci.yml").jobs;
  const commands = infra?.steps.flatMap(({ run }) => run ?? []) ?? [];
  assert.deepEqual(commands.slice(-2), ["npm run infra", "git diff --exit-code"]);
  assert.ok(infra?.steps.some(({ uses = "" }) => uses.startsWith("actions/setup-dotnet@")));
});
