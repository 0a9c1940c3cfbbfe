// Tells the simulated Azure of a running local stack (`npm run dev`) what to do:
//
//   node examples/local-azure.mjs faults examples/faults/slow.json    misbehave as the file says
//   node examples/local-azure.mjs no-faults                           stop misbehaving
//   node examples/local-azure.mjs secrets examples/key-vault-key.json .local/key-vault-key.json
//       adds the secrets that a request names to the local key vault, each with a new key, and writes
//       the request with their local addresses to the second file
//
// `--data-dir DIRECTORY` finds a stack whose state is not in .local. What a fault may say:
// local/azure/README.md.
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { parseArgs } from "node:util";

const usage = "Usage: node examples/local-azure.mjs faults FILE | no-faults | secrets FILE OUTPUT";
try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { "data-dir": { type: "string", default: ".local" } } });
  const [verb, file, output] = positionals;
  const { resourceManager, keyVault, caFile } = readEndpoints(values["data-dir"]);
  const call = callWith(readFileSync(caFile));
  if (verb === "faults" && file) await call("POST", `${resourceManager}/local/faults`, JSON.parse(readFileSync(file, "utf8")));
  else if (verb === "no-faults") await call("DELETE", `${resourceManager}/local/faults`);
  else if (verb === "secrets" && output) writeFileSync(output, await localizeSecrets(readFileSync(file, "utf8"), keyVault, call));
  else throw new Error(usage);
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}

function readEndpoints(directory) {
  try {
    return JSON.parse(readFileSync(join(directory, "endpoints.json"), "utf8"));
  } catch {
    throw new Error(`No stack is running in ${directory}. Start one with: npm run dev`);
  }
}

/** Returns a function that calls the control API, whose certificate is made when the stack starts. */
function callWith(ca) {
  return (method, url, body) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, ca }, async (response) => {
        const text = (await response.toArray()).join("");
        if (response.statusCode < 300) resolve(text);
        else reject(new Error(JSON.parse(text).message));
      });
      sent.on("error", reject);
      sent.end(body && JSON.stringify(body));
    });
}

async function localizeSecrets(text, keyVault, call) {
  for (const [uri, name] of text.matchAll(/https:\/\/[^/"]+\/secrets\/([^/"]+)/g)) {
    await call("PUT", `${keyVault}/local/secrets/${name}`, { value: randomBytes(24).toString("base64url").replace(/-/g, "_") });
    text = text.replaceAll(uri, `${keyVault}/secrets/${name}`);
  }
  return text;
}
