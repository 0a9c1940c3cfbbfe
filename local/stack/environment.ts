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

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;
