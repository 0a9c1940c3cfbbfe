import { execFile } from "node:child_process";
import { createInterface } from "node:readline/promises";
import { promisify } from "node:util";
import { Argument } from "commander";
import { openSealingKeyVault, type SealingKeyVault } from "../azure/sealing-key-vault.ts";
import { vaultHostOf } from "../shared/secrets/secret-uri.ts";
import { changeRing } from "./change-ring.ts";
import { defineCommand, runCommand, WrongUse } from "./command-line.ts";
import { addKey, dropKey, moveToFront, readRing } from "./sealing-ring.ts";

// `npm run keys -- list | add | use ID | drop ID`: the sealing keys of a deployed app. It never
// shows the value of a key. The procedure is in docs/operations.md.

type Verb = "list" | "add" | "use" | "drop";
interface Options {
  readonly vault?: string;
  readonly everywhere?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const command = defineCommand(
  "npm run keys",
  "Shows and changes the sealing keys of a deployed app, in the secret sealing-keys of its vault. list: shows their ids, and which one seals. add: adds a new one at the end, which only opens. use: lets one seal. drop: removes one. Exit code: 0 if done, 1 if you say no, 2 if it is not possible.",
  "npm run keys -- add",
)
  .addArgument(new Argument("<VERB>", "what to do").choices(["list", "add", "use", "drop"]))
  .argument("[ID]", "the id of a sealing key, for use and drop")
  .option("--vault <URL>", "the vault, such as https://NAME.vault.azure.net (default: that of the azd environment)")
  .option("--everywhere", "for use: every instance of the app has this sealing key")
  .option("--yes", "for drop: do not ask")
  .option("--json", "print the sealing keys as one JSON object, without values")
  .action(run);

await runCommand(command);

async function run(verb: Verb, id: string | undefined, options: Options): Promise<void> {
  const needsId = verb === "use" || verb === "drop";
  if (needsId && id === undefined) throw new WrongUse(`Which sealing key? Name its id: npm run keys -- ${verb} ID.`);
  if (!needsId && id !== undefined) throw new WrongUse(`${verb} takes no id.`);
  const url = await findVault(options.vault);
  const vault = openSealingKeyVault(url);
  const say = (sentence: string) => console[options.json ? "error" : "log"](sentence);
  if (verb === "add") await add(vault, say);
  if (verb === "use") await use(vault, String(id), options, say);
  if (verb === "drop") await drop(vault, String(id), options, say);
  if (verb === "list" || options.json) await list(vault, url, options);
}

async function list(vault: SealingKeyVault, url: string, { json }: Options): Promise<void> {
  const { version, updated, value } = await vault.readNewest();
  const versions = (await vault.listVersions()).length;
  const keys = Object.keys(readRing(value)).map((id, index) => ({ id, seals: index === 0 }));
  if (json) return console.log(JSON.stringify({ vault: url, version, versions, updated: updated.toISOString(), keys }));
  console.log(`${url}, secret sealing-keys, the newest of ${versions} versions: ${version} of ${updated.toISOString()}`);
  const width = Math.max(...keys.map(({ id }) => id.length));
  for (const { id, seals } of keys) console.log(`  ${id.padEnd(width)}  ${seals ? "seals and opens" : "opens"}`);
}

async function add(vault: SealingKeyVault, say: (sentence: string) => void): Promise<void> {
  let added = "";
  await changeRing(vault, (ring, versions) => {
    const { ring: changed, id } = addKey(ring, versions);
    added = id;
    return changed;
  });
  say(`Added ${added} as the last sealing key: it opens, and does not seal yet.`);
  say(
    `Next: let every instance of the app read it (docs/operations.md). When all have ${added}: npm run keys -- use ${added} --everywhere`,
  );
}

async function use(vault: SealingKeyVault, id: string, { everywhere }: Options, say: (sentence: string) => void): Promise<void> {
  let isFirst = false;
  await changeRing(vault, (ring) => {
    const changed = moveToFront(ring, id);
    isFirst = Object.keys(ring)[0] === id;
    if (isFirst) return undefined;
    if (!everywhere)
      throw new WrongUse(
        `Has every instance of the app ${id}? One without it cannot open what the others seal. The line \`started\` of each instance in the log has the ids of its sealing keys. If all have ${id}, say so: npm run keys -- use ${id} --everywhere`,
      );
    return changed;
  });
  say(isFirst ? `${id} seals already. Nothing was changed.` : `${id} is in front: an instance seals with it when it has read the change.`);
  if (!isFirst)
    say("Next: let every instance of the app read it (docs/operations.md). Keep the others as long as requests are remembered.");
}

async function drop(vault: SealingKeyVault, id: string, { yes }: Options, say: (sentence: string) => void): Promise<void> {
  let dropped = false;
  await changeRing(vault, async (ring) => {
    const changed = dropKey(ring, id);
    const lost = `Without ${id}, requests in flight from the time when it sealed cannot go on, and a repetition of an older request ends as RequestIdConflict (docs/operations.md, "How long a request is remembered").`;
    if (!yes && !process.stdin.isTTY) throw new WrongUse(`${lost} To drop it nevertheless: npm run keys -- drop ${id} --yes`);
    dropped = yes === true || (await confirm(`${lost}\nDrop ${id}? [y/N] `));
    return dropped ? changed : undefined;
  });
  if (!dropped) process.exitCode = 1;
  say(dropped ? `Dropped ${id}. Older versions of the secret still have it.` : "Nothing was changed.");
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/** Returns the URL of the vault: that of --vault, or that of the azd environment. */
async function findVault(given: string | undefined): Promise<string> {
  const name = given ?? process.env["KEY_VAULT_NAME"] ?? (await readAzdValue("KEY_VAULT_NAME"));
  if (!name)
    throw new WrongUse("Which vault? Name it with --vault https://NAME.vault.azure.net, or choose an environment: azd env select.");
  const host = vaultHostOf(name.replace(/^https:\/\//i, "").replace(/\/$/, ""));
  if (host === undefined) throw new WrongUse(`--vault takes the URL of a vault, such as https://NAME.vault.azure.net. Found: ${name}`);
  return `https://${/[.:]/.test(host) ? host : `${host}.vault.azure.net`}`;
}

async function readAzdValue(name: string): Promise<string | undefined> {
  try {
    return (await promisify(execFile)("azd", ["env", "get-value", name])).stdout.trim();
  } catch {
    // No azd, no environment, or no such value.
    return undefined;
  }
}
