import { type AccessSettings, readAccessSettings } from "../shared/settings.ts";
import { describeNotChecked } from "./access-check.ts";
import { defineCommand, runCommand, WrongUse } from "./command-line.ts";
import { compareFiles } from "./compare-files.ts";
import { readFiles } from "./files.ts";
import { placesIn } from "./finding-place.ts";
import { findingLines } from "./finding-text.ts";
import { type Judged, judgeBody, judgeFile, targetOf } from "./judge-file.ts";
import { standardOutput } from "./text-layout.ts";

// `npm run validate -- FILE… | FOLDER | -`: says what the app would find, without sending.

interface Options {
  readonly json?: boolean;
  readonly body?: boolean;
  readonly target?: string;
}

const command = defineCommand(
  "npm run validate",
  "Says what the app would find in requests and cancellations, without sending them. It applies the settings ALLOWED_TARGETS, KEY_VAULT_ALLOWED_HOSTS and KEY_VAULT_ALLOWED_SECRETS if they are set, or else says what it did not check. Exit code: 0 if there is no error, 1 if there is one, 2 if a file cannot be read.",
  "npm run validate -- examples/minimal.json",
)
  .argument("<FILE...>", "files, folders with .json files, or - for the standard input")
  .option("--json", "print one JSON line for each file")
  .option("--body", "the files are REST bodies of the connection that --target names")
  .option("--target <ID>", "resource id of the connection of --body")
  .action(validateFiles);

await runCommand(command);

async function validateFiles(paths: readonly string[], { json, body, target }: Options): Promise<void> {
  if (target !== undefined && !body) throw new WrongUse("--target is for --body. A request names its own target.");
  const bodyTarget = body ? targetOf(target) : undefined;
  const known = knownSettings();
  const { files, faults } = await readFiles(paths);
  const found = files.map((file) => (bodyTarget ? judgeBody(file, bodyTarget, known) : judgeFile(file, known)));
  const judged = compareFiles(found).map(withPlaces);
  for (const each of judged) console.log(json ? jsonLine(each) : shown(each));
  for (const fault of faults) console.error(fault);
  if (!json && judged.length > 0) {
    console.log(`\n${total(judged, faults.length)}`);
    const open = describeNotChecked(new Set(judged.flatMap(({ notChecked }) => notChecked)), known);
    if (open !== undefined) console.log(open);
  }
  process.exitCode = faults.length > 0 ? 2 : judged.some(({ errors }) => errors.length > 0) ? 1 : 0;
}

/** Reads the app's settings that decide what requests may change and use. */
function knownSettings(): AccessSettings {
  try {
    return readAccessSettings(process.env);
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}

type Placed = ReturnType<typeof withPlaces>;

/** Errors come first, each in the order of the file. */
function withPlaces({ file, text, findings, notChecked = [] }: Judged) {
  const placeOf = placesIn(text);
  const placed = findings.map((finding) => ({ finding, place: placeOf(finding.target) }));
  const bySeverity = (wanted: string) =>
    placed
      .filter(({ finding }) => finding.severity === wanted)
      .sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0));
  return { file, errors: bySeverity("error"), warnings: bySeverity("warning"), notChecked };
}

function jsonLine({ file, errors, warnings, notChecked }: Placed): string {
  const flat = (placed: Placed["errors"]) => placed.map(({ finding, place }) => ({ ...finding, ...place }));
  return JSON.stringify({ file, errors: flat(errors), warnings: flat(warnings), notChecked });
}

function shown({ file, errors, warnings }: Placed): string {
  const output = standardOutput();
  const lines = [...errors, ...warnings].flatMap(({ finding, place }) => findingLines(file, place, finding, output));
  return lines.length === 0 ? `${file}: valid` : lines.join("\n");
}

function total(files: readonly Placed[], unread: number): string {
  const broken = files.filter(({ errors }) => errors.length > 0).length;
  const warnings = files.reduce((sum, each) => sum + each.warnings.length, 0);
  const parts = [
    `${files.length - broken} valid`,
    ...(broken > 0 ? [`${broken} with errors`] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
    ...(unread > 0 ? [`${unread} not read`] : []),
  ];
  return `${counted(files.length + unread, "file")}: ${parts.join(", ")}`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
