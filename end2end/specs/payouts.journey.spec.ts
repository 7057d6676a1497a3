// The main job: a roster as it came out of Excel becomes money in a resident's wallet, by two officials.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { everyPage, expect, test } from "../support/world";

const ROSTER = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../roster/tests/data/cp949.csv");
// The first person of the roster, who has not signed up.
const RESIDENT = { name: "김미경", birth: "2004-07-04", phone: "010-9831-0926", won: "100,000" };
const PASSWORD = "바다가 보이는 언덕 위 의자";

test("a roster becomes money in a wallet", async ({ page, neul, signIn }) => {
  test.setTimeout(180_000);

  // The clerk uploads and sees what would come of each row; nothing is paid.
  await signIn("clerk");
  await page.goto("/admin/payouts/new");
  await everyPage(page);
  await page.getByLabel("사업").selectOption({ index: await firstProgramme(page, "청년기본소득") });
  await page.getByLabel("제목").fill("4분기 청년기본소득");
  await page.locator("input[type=file]").setInputFiles(ROSTER);
  await page.getByRole("button", { name: "올리고 확인하기" }).click();
  await expect(page).toHaveURL(/\/admin\/payouts\/\d+/);
  const address = new URL(page.url()).pathname;
  await expect(page.getByText("명단을 확인했습니다")).toBeVisible();
  // Names are masked until somebody says why (order.spec.ts).
  await expect(page.getByRole("cell", { name: "김*경" }).first()).toBeVisible();
  await everyPage(page);
  await page.getByRole("button", { name: "승인 요청하기" }).click();
  await expect(page.getByText("승인을 요청했습니다.")).toBeVisible();

  // Who asked cannot approve.
  await expect(page.getByRole("button", { name: /지급 승인/ })).toHaveCount(0);

  // Another official can, and the money runs.
  await signIn("approver");
  await page.goto(address);
  await everyPage(page);
  await page.getByRole("button", { name: /지급 승인/ }).click();
  await expect(async () => {
    await page.goto(address);
    await expect(page.getByText(/모두 지급했습니다|지급하지 못했습니다/).first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText("모두 지급했습니다")).toBeVisible();
  await everyPage(page);

  // The same file again is not paid again.
  await signIn("clerk");
  await page.goto("/admin/payouts/new");
  await page.getByLabel("사업").selectOption({ index: await firstProgramme(page, "청년기본소득") });
  await page.locator("input[type=file]").setInputFiles(ROSTER);
  await page.getByRole("button", { name: "올리고 확인하기" }).click();
  await expect(page.getByRole("link", { name: "먼저 올린 문서를 확인해 주세요" }).or(page.getByText("먼저 올린 문서를 확인해 주세요")).first()).toBeVisible();

  // A resident named in it signs up with a code to the phone, and sees the money, its lot and the day it ends.
  await page.context().clearCookies();
  await page.goto("/signup");
  await everyPage(page);
  await page.getByLabel("이용약관에 동의합니다").check();
  await page.getByLabel("개인정보 수집·이용에 동의합니다").check();
  await page.getByLabel("휴대전화 번호").fill(RESIDENT.phone);
  await page.getByRole("button", { name: "인증번호 받기" }).click();
  await expect(page.getByLabel("인증번호 6자리")).toBeVisible();
  await everyPage(page);
  await page.getByLabel("인증번호 6자리").fill(await codeFor(neul.url, page));
  await page.getByRole("button", { name: "확인", exact: true }).click();
  await page.getByLabel("이름").fill(RESIDENT.name);
  await page.getByLabel("생년월일").fill(RESIDENT.birth);
  await page.getByLabel("사는 곳").selectOption({ label: "시흥시" });
  await page.getByLabel("아이디").fill(`mikyung${Date.now() % 1_000_000}`);
  await page.getByLabel("비밀번호").fill(PASSWORD);
  await everyPage(page);
  await page.getByRole("button", { name: "가입하기" }).click();
  await expect(page).toHaveURL(/\/wallet/);
  await expect(page.getByText("청년기본소득").first()).toBeVisible();
  await expect(page.getByText(RESIDENT.won).first()).toBeVisible();
  await expect(page.getByText("12월 31일").first()).toBeVisible();
  await everyPage(page);

  // And the public is told that all is well, by a site of its own.
  await page.goto(neul.statusUrl);
  await expect(page.getByText(/정상/).first()).toBeVisible();
});

async function firstProgramme(page: import("@playwright/test").Page, name: string) {
  const options = await page.getByLabel("사업").locator("option").allTextContents();
  return Math.max(options.findIndex((text) => text.includes(name)), 0);
}

/** The code that the demo's outbox shows instead of sending it. */
async function codeFor(url: string, page: import("@playwright/test").Page) {
  const other = await page.context().newPage();
  await other.goto(`${url}/outbox`);
  const text = await other.getByRole("main").innerText();
  await other.close();
  const code = /\b\d{6}\b/.exec(text)?.[0];
  if (!code) throw new Error(`no code in the outbox: ${text}`);
  return code;
}
