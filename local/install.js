// Installs the packages of package-lock.json if that was not done yet: a fresh clone needs no
// command before `npm start`. Plain JavaScript without dependencies, for any Node since 18.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const WAIT_MS = 200;
// npm waits between its tries, a minute by default. Without a network the error should come soon.
const retries = { npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "4000" };
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/;

/**
 * Installs the packages of a project unless they are there. If several commands want it at once,
 * one installs and the others wait. Throws a sentence if it is not possible.
 */
export function installOnce(root) {
  if (!isInstalled(root)) installAlone(root);
  // Each command reads its arguments with it.
  if (!existsSync(join(root, "node_modules", "commander")))
    throw new Error("The development packages are not installed, and every command needs them. Run npm ci --include=dev.");
}

/** Installs, unless another command does it at the same time: then waits for that one. */
function installAlone(root) {
  const lock = join(root, ".npm-ci.lock");
  let hasWaited = false;
  while (!takeLock(lock)) {
    if (!hasWaited) console.error("Another command is installing the dependencies. Waiting for it …");
    hasWaited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
  try {
    if (!isInstalled(root)) install(root);
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Returns whether node_modules holds what package-lock.json says. A stamp in node_modules says for
 * which lock file that was true last, so that this takes no time. `npm ci` removes the stamp.
 */
function isInstalled(root) {
  const text = read(join(root, "package-lock.json"));
  if (text === undefined) return true;
  const hash = createHash("sha256").update(text).digest("hex");
  const stamp = join(root, "node_modules", ".installed-for");
  if (read(stamp) === hash) return true;
  const installed = read(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined || !holds(packagesIn(installed), packagesIn(text))) return false;
  try {
    writeFileSync(stamp, hash);
  } catch {
    // If node_modules cannot be written, the next command compares the files again.
  }
  return true;
}

/**
 * `npm ci --omit` leaves out all packages of a kind. So a kind of which nothing is installed may be
 * missing, and of any other kind every package that suits this platform must be there.
 */
function holds(installed, wanted) {
  const isSame = (one, other) => one.version === other?.version && one.integrity === other?.integrity;
  const kinds = new Set(Object.keys(installed).map((path) => kindOf(wanted[path] ?? {})));
  return (
    Object.entries(installed).every(([path, entry]) => isSame(entry, wanted[path])) &&
    Object.entries(wanted).every(([path, entry]) => path === "" || installed[path] || !suits(entry) || isOmitted(entry, kinds))
  );
}

function kindOf({ dev = false, optional = false, devOptional = false }) {
  return JSON.stringify([dev, optional || devOptional]);
}

function isOmitted(entry, installedKinds) {
  const kind = kindOf(entry);
  return kind !== kindOf({}) && !installedKinds.has(kind);
}

function suits({ os = [process.platform], cpu = [process.arch], libc, peer }) {
  return !libc && !peer && os.includes(process.platform) && cpu.includes(process.arch);
}

function packagesIn(text) {
  try {
    return JSON.parse(text).packages ?? {};
  } catch {
    return {};
  }
}

function install(root) {
  console.error("Installing dependencies (npm ci) …");
  const npm = process.env.npm_execpath ?? "";
  const [file, ...args] = basename(npm) === "npm-cli.js" ? [process.execPath, npm, "ci"] : ["npm", "ci"];
  const { status, signal, stderr, error } = spawnSync(file, [...args, "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    env: { ...process.env, ...retries },
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    maxBuffer: 100 * 1024 * 1024,
    // On Windows npm is a script.
    shell: process.platform === "win32" && file === "npm",
  });
  if (status === 0) return;
  const failed = "The dependencies could not be installed:";
  if (error?.code === "ENOENT") throw new Error(`${failed} there is no npm on the PATH. Install Node with npm (https://nodejs.org).`);
  if (signal) throw new Error(`${failed} npm ci was ended by ${signal}.`);
  const [code] = unreachable.exec(stderr) ?? [];
  if (code)
    throw new Error(`${failed} npm cannot reach its registry (${code}). Check the network or the proxy, then run the command again.`);
  const [, why] = /^npm (?:error|ERR!) (?!code )(.*\S)/m.exec(stderr) ?? [];
  throw new Error(`${failed} ${why ?? `npm ci ended with exit code ${status}`}. Run npm ci to see all of it.`);
}

/** Takes a lock file for this process. One whose process has ended is removed first. */
function takeLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw new Error(`The dependencies could not be installed: ${file} cannot be written (${error.code}).`);
  }
  const holder = Number(read(file));
  if (holder > 0 && !isRunning(holder)) rmSync(file, { force: true });
  return false;
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
