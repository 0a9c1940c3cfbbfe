import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const folder = join(import.meta.dirname, "..", "docs", "decisions");
const records = globSync("[0-9]*.md", { cwd: folder }).sort();
const textOf = (path: string) => readFileSync(join(folder, path), "utf8");

for (const [index, path] of records.entries()) {
  test(`${path}: numbered in order, short, with context, decision and consequences`, () => {
    const text = textOf(path);
    const number = String(index + 1).padStart(4, "0");
    assert.ok(path.startsWith(`${number}-`));
    assert.ok(text.startsWith(`# ${number}: `));
    assert.deepEqual(
      [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title),
      ["Context", "Decision", "Consequences"],
    );
    const words = text.split(/\s+/).length;
    assert.ok(words <= 260, `${words} words`);
  });
}

test("the list of decisions has every record under its title", () => {
  const listed = [...textOf("README.md").matchAll(/^\| \[(\d+)\]\(([^)]+)\) \| (.+) \|$/gm)].map(([, number, path, title]) => [
    path,
    `# ${number}: ${title}`,
  ]);
  assert.deepEqual(
    listed,
    records.map((path) => [path, textOf(path).split("\n")[0]]),
  );
});
