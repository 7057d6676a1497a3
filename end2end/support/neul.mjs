// Starts a portal and a status site of its own for whoever tests them: free ports on loopback, a temporary folder,
// the demo inside, and an end by process id. Shared by the specs, Lighthouse and the bench.

import { execFile, spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const PASSWORD = "늘-시연-암호-2026";
const READY_MS = 30_000;
const END_MS = 20_000;

/** The program under test. */
export function binary() {
  const file = process.env.NEUL_BIN ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"), "debug/neul");
  if (!existsSync(file)) throw new Error(`${file} is not there: cargo build --bin neul, or set NEUL_BIN`);
  return file;
}

/** Chromium as the machine has it; Playwright's own download is not used. */
export function chromium() {
  const names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const file = process.env.NEUL_CHROMIUM ?? names.find(existsSync);
  if (!file) throw new Error("no Chromium found: scripts/setup test, or set NEUL_CHROMIUM");
  return file;
}

/** Flags for a browser that talks to nobody but us, also as root. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** `count` loopback ports that nobody listens on, all held open until the last one is known. */
export async function freePorts(count) {
  const servers = [];
  for (let i = 0; i < count; i += 1) {
    const server = createServer();
    await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
    servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** A new, empty database on the PostgreSQL server at `url`; answers with its URL. */
async function postgresDatabase(url) {
  const name = `neul_e2e_${process.pid}_${Date.now()}`;
  await run("psql", [url, "-qc", `CREATE DATABASE ${name}`]);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

/** Fills a folder with the demo once, to be copied for each portal: hashing its passwords takes a while. */
export async function demoFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), "neul-demo-"));
  await run(binary(), ["demo"], { env: environment(folder), cwd: ROOT });
  return folder;
}

function environment(folder, more = {}) {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("NEUL_") && name !== "DATABASE_URL"),
  );
  return {
    ...clean,
    DATABASE_URL: `sqlite://${folder}/neul.db`,
    NEUL_DATA_DIR: folder,
    NEUL_STATUS_DIR: path.join(folder, "status"),
    NEUL_SITE_DIR: process.env.NEUL_SITE_DIR ?? path.join(path.dirname(path.dirname(binary())), "site"),
    NEUL_DEMO_PASSWORD: PASSWORD,
    // A machine full of browsers answers late: only who tests the probes turns them on.
    NEUL_PROBE_SECONDS: "0",
    ...more,
  };
}

/**
 * A portal with its status site. `template`: a folder that `demoFolder` made; `databaseUrl`: a PostgreSQL server, in
 * which a new database is filled instead; `more`: other settings.
 */
export async function startNeul({ template, databaseUrl, more = {} } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "neul-e2e-"));
  const [portal, status, admin] = await freePorts(3);
  const address = (port) => `127.0.0.1:${port}`;
  const addresses = {
    NEUL_ADDR: address(portal),
    NEUL_STATUS_ADDR: address(status),
    NEUL_ADMIN_ADDR: address(admin),
  };
  Object.assign(addresses, more);
  if (databaseUrl) addresses.DATABASE_URL = await postgresDatabase(databaseUrl);
  const env = environment(folder, addresses);
  if (template && !databaseUrl) await cp(template, folder, { recursive: true });
  else await run(binary(), ["demo"], { env, cwd: ROOT });

  const log = path.join(folder, "log");
  const start = (...words) => {
    const child = spawn(binary(), words, { env, cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    const file = createWriteStream(log, { flags: "a" });
    child.stdout.pipe(file);
    child.stderr.pipe(file);
    return child;
  };
  // The two as their supervisors would run them, so that each can be stopped alone.
  const children = { status: start("status"), portal: start("serve", "--no-status") };
  const neul = {
    url: `http://${addresses.NEUL_ADDR}`,
    statusUrl: `http://${addresses.NEUL_STATUS_ADDR}`,
    adminUrl: `http://${addresses.NEUL_ADMIN_ADDR}`,
    password: PASSWORD,
    folder,
    pid: children.portal.pid,
    log: () => readFile(log, "utf8"),
    async stopPortal() {
      await end(children.portal);
    },
    async stopStatus() {
      await end(children.status);
    },
    async startPortal() {
      children.portal = start("serve", "--no-status");
      await answers(`${neul.adminUrl}/readyz`, children.portal, log);
    },
    async stop() {
      await Promise.all([end(children.portal), end(children.status)]);
      if (!process.env.NEUL_KEEP) await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await answers(`${neul.adminUrl}/readyz`, children.portal, log);
    await answers(`${neul.statusUrl}/api/v2/status.json`, children.status, log);
    // The portal's picture of the status site is a snapshot; pages should show the true one from the start.
    await until(async () => (await (await fetch(`${neul.adminUrl}/metrics`)).text()).includes("neul_status_reached 1"));
  } catch (error) {
    await neul.stop();
    throw error;
  }
  return neul;
}

async function answers(url, child, log) {
  const begun = Date.now();
  for (;;) {
    if (child.exitCode !== null) throw new Error(`neul ended at once:\n${await readFile(log, "utf8")}`);
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() - begun > READY_MS) throw new Error(`${url} does not answer:\n${await readFile(log, "utf8")}`);
    await new Promise((later) => setTimeout(later, 50));
  }
}

async function until(holds) {
  const begun = Date.now();
  while (Date.now() - begun < READY_MS) {
    if (await holds()) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("the portal does not see its status site");
}

/** Asks a process to end, and ends it if it does not. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended;
  clearTimeout(late);
}

/** Signs in by the form, without a browser; answers with the Cookie header. */
export async function cookieOf(neul, who) {
  const jar = new Map();
  const keep = (answer) => {
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
  };
  const header = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const page = await fetch(`${neul.url}/login`);
  keep(page);
  const form = new URLSearchParams();
  for (const [tag] of (await page.text()).matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1];
    if (name) form.set(name, /value="([^"]*)"/.exec(tag)?.[1] ?? "");
  }
  form.set("login_id", who);
  form.set("password", neul.password);
  const answer = await fetch(`${neul.url}/login`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: header(), origin: neul.url },
    body: form,
  });
  keep(answer);
  if (answer.status !== 303 && answer.status !== 302) throw new Error(`${who} cannot sign in: ${answer.status}`);
  return header();
}
