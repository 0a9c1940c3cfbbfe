/** What a child process needs of the shell to run at all; everything else stays outside, so that a developer's own Azure settings change nothing here. */
const passedOn = [
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

/** The environment of a child of the stack: the bare shell, the run id by which leftovers are found, and what is given. */
export function childEnvironment(shell: Environment, runId: string, given: Environment = {}): Environment {
  const kept = Object.entries(shell).filter(([name]) => passedOn.includes(name.toUpperCase()) || name.startsWith("LC_"));
  return { ...Object.fromEntries(kept), VPN_STACK_RUN_ID: runId, ...given };
}

/** The developer's own Azure sign-in, which reaches the app only when it is pointed at a Resource Manager outside this machine. */
export function azureSignIn(shell: Environment): Environment {
  return Object.fromEntries(Object.entries(shell).filter(([name]) => /^(AZURE_|IDENTITY_|MSI_|HTTPS?_PROXY$|NO_PROXY$)/i.test(name)));
}

/**
 * The settings of the app that say who may do what, as the shell has them; without them there is
 * one request queue without a prefix.
 */
export function trustSettings({ REQUEST_QUEUES, ALLOWED_TARGETS, KEY_VAULT_ALLOWED_SECRETS }: Environment): Environment {
  const queues = REQUEST_QUEUES ? { REQUEST_QUEUES } : { REQUEST_QUEUE: "vpn-connection-requests" };
  return { ...queues, ALLOWED_TARGETS, KEY_VAULT_ALLOWED_SECRETS };
}

/**
 * The app's policy for an engine whose timers fire at most so early. A policy that is given counts
 * for all the rest; one that is no JSON object stays as it is, and the app says so.
 */
export function policySetting(given: string | undefined, timersFireEarlySeconds = 0): string {
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
