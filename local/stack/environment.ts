/**
 * The shell's variables that a child process needs to run. All others are left out, so that a
 * developer's own Azure settings change nothing here.
 */
const passedVariables = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SYSTEMROOT",
  "DOTNET_ROOT",
  "NODE_V8_COVERAGE",
  "NODE_COMPILE_CACHE",
];

/**
 * Returns the environment of a child of the stack: the variables it needs of the shell, the run id
 * (tests find leftovers by it), and those given.
 */
export function createChildEnvironment(shell: Environment, runId: string, given: Environment = {}): Environment {
  const kept = Object.entries(shell).filter(([name]) => passedVariables.includes(name.toUpperCase()) || name.startsWith("LC_"));
  return { ...Object.fromEntries(kept), VPN_STACK_RUN_ID: runId, ...given };
}

/**
 * Returns the developer's own Azure sign-in. Only an app with a Resource Manager outside this
 * machine gets it.
 */
export function pickAzureSignIn(shell: Environment): Environment {
  return Object.fromEntries(Object.entries(shell).filter(([name]) => /^(AZURE_|IDENTITY_|MSI_|HTTPS?_PROXY$|NO_PROXY$)/i.test(name)));
}

/**
 * Returns the settings that decide who may do what, from the shell. Without them there is one
 * request queue without a prefix.
 */
export function pickTrustSettings({ REQUEST_QUEUES, ALLOWED_TARGETS, KEY_VAULT_ALLOWED_SECRETS }: Environment): Environment {
  const queues = REQUEST_QUEUES ? { REQUEST_QUEUES } : { REQUEST_QUEUE: "vpn-connection-requests" };
  return { ...queues, ALLOWED_TARGETS, KEY_VAULT_ALLOWED_SECRETS };
}

/**
 * Returns the app's policy for an engine whose timers fire up to `timersFireEarlySeconds` early.
 * Values of the given policy win. If it is no JSON object, it is returned unchanged, and the app
 * reports the error.
 */
export function createPolicySetting(given: string | undefined, timersFireEarlySeconds = 0): string {
  try {
    const policy: unknown = JSON.parse(given || "{}");
    const isObject = typeof policy === "object" && policy !== null && !Array.isArray(policy);
    if (isObject) return JSON.stringify({ timersFireEarlySeconds, ...policy });
  } catch {
    // Not JSON.
  }
  return String(given);
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;
