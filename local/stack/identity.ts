import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";
import type { Child } from "./child.ts";
import type { Environment } from "./environment.ts";

/**
 * Returns the settings of the app's managed identity, as Azure would set them, and of the
 * certificates it trusts: ours and those of the shell.
 */
export function createLocalIdentity(azure: Child, dataDirectory: string, shell: Environment): Environment {
  const identity = azure.ready["identity"] as { endpoint: string; header: string };
  const own = readFileSync(String(azure.ready["caFile"]), "utf8");
  const theirs = shell["NODE_EXTRA_CA_CERTS"] ? readFileSync(shell["NODE_EXTRA_CA_CERTS"], "utf8") : "";
  const bundle = join(dataDirectory, "ca-bundle.pem");
  replaceFile(bundle, `${own.trimEnd()}\n${theirs}`);
  return {
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
    NODE_EXTRA_CA_CERTS: bundle,
  };
}
