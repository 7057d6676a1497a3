// Everything end to end: each page four ways on SQLite, the journeys on PostgreSQL, Lighthouse. One closing line.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const folder = await mkdtemp(path.join(tmpdir(), "neul-counts-"));
const counts = path.join(folder, "counts");

function run(title, program, words, more = {}) {
  console.log(`\n--- ${title}`);
  const env = { ...process.env, NEUL_COUNTS: counts, ...more };
  return new Promise((done) => {
    const child = spawn(program, words, { stdio: ["ignore", "inherit", "inherit"], env, cwd: path.dirname(fileURLToPath(import.meta.url)) });
    child.once("error", (error) => { console.error(error.message); done(false); });
    child.once("exit", (code) => done(code === 0));
  });
}

const results = [await run("pages, on SQLite", "npx", ["--no-install", "playwright", "test", ...process.argv.slice(2)])];
const postgres = process.env.NEUL_TEST_POSTGRES;
if (postgres) {
  results.push(await run("journeys, on PostgreSQL", "npx", ["--no-install", "playwright", "test"], { NEUL_E2E_DATABASE_URL: postgres }));
} else {
  console.log("\n--- no NEUL_TEST_POSTGRES: the journeys on PostgreSQL are left out (scripts/with-postgres gives one)");
}
results.push(await run("Lighthouse", process.execPath, ["lighthouse.mjs"]));

const total = { passed: 0, failed: 0, skipped: 0 };
for (const line of (await readFile(counts, "utf8").catch(() => "")).split("\n").filter(Boolean)) {
  const part = JSON.parse(line);
  for (const name of Object.keys(total)) total[name] += part[name] ?? 0;
}
await rm(folder, { recursive: true, force: true });
const broken = results.filter((well) => !well).length;
// A part that broke without a failed test has failed all the same.
if (broken > 0 && total.failed === 0) total.failed = broken;
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ""}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
