import type { Option } from "commander";

// `npm run send FILE --plan`, without `--` before the option: npm keeps it, says nothing, and runs
// the command without it. The plan would become a change.

/** npm has settings with these names, so a value may come from a person's .npmrc, or from CI. */
const settingsOfNpm = ["json", "long", "yes"];
/** npm reads `--plan` as four short options: -p, -l, -a and -n. */
const lettersOfPlan = ["parseable", "long", "all"];

/** Returns the options of a command that npm kept. npm passes them in the environment. */
export function optionsKeptByNpm(options: readonly Pick<Option, "long">[], env: NodeJS.ProcessEnv): string[] {
  const has = (name: string) => env[`npm_config_${name.replaceAll("-", "_")}`] !== undefined;
  return options.flatMap(({ long }) => {
    const name = long?.replace(/^--(no-)?/, "") ?? "";
    const isKept = has(name) || (name === "plan" && lettersOfPlan.every(has));
    return long && isKept && !settingsOfNpm.includes(name) ? [long] : [];
  });
}
