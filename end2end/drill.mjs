// The resident of the drill: one browser that stays open all day. It reads orders from standard input, a line of JSON
// each, and answers each with a line of what it saw. `make drill` starts it (server/tests/drill/browser.rs).
//
//   {"signIn": "http://…", "login": "citizen", "password": "…"}
//   {"look": "http://…/wallet", "file": "/…/01-wallet.png"}

import { createInterface } from "node:readline";
import { chromium as playwright } from "@playwright/test";
import { CHROMIUM_FLAGS, chromium } from "./support/neul.mjs";

// A resident waits about so long for a page.
const PATIENCE_MS = 8_000;

const browser = await playwright.launch({ executablePath: chromium(), args: CHROMIUM_FLAGS });
const context = await browser.newContext({
  viewport: { width: 390, height: 844 },
  locale: "ko-KR",
  timezoneId: "Asia/Seoul",
});
const page = await context.newPage();
page.setDefaultTimeout(PATIENCE_MS);

async function signIn({ signIn: url, login, password }) {
  await page.goto(`${url}/login`);
  await page.getByLabel("아이디", { exact: true }).fill(login);
  await page.getByLabel("비밀번호", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "로그인" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/login"));
  return { signedOut: false };
}

async function look({ look: url, file }) {
  let status = 0;
  let failed = "";
  try {
    const answer = await page.goto(url, { timeout: PATIENCE_MS, waitUntil: "load" });
    status = answer?.status() ?? 0;
  } catch (error) {
    failed = String(error.message).split("\n")[0];
  }
  // An error page of Chromium's own is what a resident sees, and a picture like any other.
  await page.screenshot({ path: file, timeout: PATIENCE_MS }).catch(() => {});
  const heading = await page.locator("h1").first().innerText({ timeout: 500 }).catch(() => "");
  return { status, failed, heading, signedOut: status > 0 && new URL(page.url()).pathname.startsWith("/login") };
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  try {
    console.log(JSON.stringify(await (order.signIn ? signIn(order) : look(order))));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error.message).split("\n")[0] }));
  }
}
await browser.close();
