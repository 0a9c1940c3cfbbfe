import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineCommand, runCommand } from "../tools/command-line.ts";
import { zipFolder } from "./archive.ts";
import { buildInfo, sha256 } from "./build-info.ts";
import { licenceTexts } from "./licences.ts";
import { billOfMaterials } from "./sbom.ts";
import { shippedPackages } from "./shipped-packages.ts";

// `npm run release`: the files of one release in release/. The same sources and packages give the
// same bytes, so a release can be checked by building it again. The name is not `package`,
// because azd runs a script of that name.

const root = join(import.meta.dirname, "..");
const folder = join(root, "release");

await runCommand(
  defineCommand(
    "npm run release",
    "Builds the app and writes release/: the zip that is deployed, its bill of materials, licences and checksums.",
    "npm run release",
  )
    .option("--maps", "put the source maps into the zip, too")
    .action(release),
);

function release({ maps = false }: { readonly maps?: boolean }): void {
  const app = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name: string; version: string; license: string };
  const packages = shippedPackages(root, buildApp());
  const zip = zipFolder(join(root, "dist"), (path) => /\.(js|json)$/.test(path) || (maps && path.endsWith(".js.map")));
  const files = new Map<string, Uint8Array>([
    [`app-${app.version}.zip`, zip],
    ["licences.txt", Buffer.from(licenceTexts(root, packages))],
    ["sbom.cdx.json", jsonFile(billOfMaterials(app, packages))],
  ]);
  const info = buildInfo(root, files);
  files.set("build-info.json", jsonFile(info));
  const sums = [...files]
    .map(([name, content]) => `${sha256(content)}  ${name}\n`)
    .sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1));
  files.set("SHA256SUMS", Buffer.from(sums.join("")));

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  process.stdout.write(sums.join(""));
  console.log(`release/: ${(zip.length / 2 ** 20).toFixed(1)} MB to deploy, ${packages.length} packages in it.`);
  if (info.dirty)
    console.error("The sources differ from the commit, so build-info.json says dirty. Commit them before a release that others deploy.");
}

/** Builds dist/. Returns what esbuild notes about it. */
function buildApp(): Parameters<typeof shippedPackages>[1] {
  const temporary = mkdtempSync(join(tmpdir(), "release-"));
  try {
    const metafile = join(temporary, "metafile.json");
    execFileSync(process.execPath, [join(root, "build.ts"), "--quiet", "--metafile", metafile], { cwd: root, stdio: ["ignore", 2, 2] });
    return JSON.parse(readFileSync(metafile, "utf8"));
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function jsonFile(content: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
}
