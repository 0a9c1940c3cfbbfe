import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ShippedPackage } from "./shipped-packages.ts";

/** Returns the licence texts of all shipped packages, one after the other. */
export function licenceTexts(root: string, packages: readonly ShippedPackage[]): string {
  const rule = "=".repeat(80);
  const sections = packages.map(
    ({ name, version, licence, folder }) =>
      `${rule}\n${name} ${version}\n${licence}\n${rule}\n\n${textsIn(join(root, folder)).join("\n\n")}\n`,
  );
  return sections.join("\n");
}

/** Returns the texts of a package: its licence and notice files, or what its README says. */
function textsIn(folder: string): string[] {
  const names = readdirSync(folder).sort();
  const read = (name: string) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim();
  const files = names.filter((name) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(name)).map(read);
  if (files.length > 0) return files;
  const readme = names.find((name) => /^readme(\.|$)/i.test(name));
  const [section] = /^(#+ *licen[cs]e|licen[cs]e\n-+$)[\s\S]*/im.exec(readme === undefined ? "" : read(readme)) ?? [];
  return [section?.trim() ?? "The package has no licence text. Its package.json names the licence above."];
}
