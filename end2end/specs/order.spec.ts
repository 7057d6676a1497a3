// Order at the desk: an invitation, a second factor in a browser, the sign-in history, masked names.

import { createHmac } from "node:crypto";
import { everyPage, expect, signInByForm, test } from "../support/world";

const NEW_PASSWORD = "흐린 날 느티나무 곁 31";

/** The code of RFC 6238 for a secret in base 32, as any authenticator app computes it. */
function totp(secret: string, at: number): string {
  let bits = "";
  for (const sign of secret) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", bytes).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("an invited clerk sets a password, sets up a second factor, and is asked for it", async ({ page, signIn, neul }, { project }) => {
  const login = `saerom${project.name.replace(/[^a-z]/g, "")}`.slice(0, 20);
  await signIn("administrator");
  await page.goto("/admin/staff");
  await page.getByLabel("이름", { exact: true }).fill("이새롬");
  await page.getByLabel("아이디", { exact: true }).fill(login);
  await page.getByRole("checkbox", { name: /^담당/ }).check();
  await page.getByRole("button", { name: "담당자 초대" }).click();
  const link = (await page.locator("#invitation-link").textContent()) ?? "";
  await everyPage(page);
  await page.context().clearCookies();
  await page.goto(new URL(link).pathname);
  await everyPage(page);
  await page.getByLabel("쓸 비밀번호").fill("짧다");
  await page.getByRole("button", { name: "비밀번호 정하기" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("쓸 비밀번호").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "비밀번호 정하기" }).click();
  await signInByForm(page, login, NEW_PASSWORD);
  // A demo asks nobody to set one up; whoever does is asked from then on.
  await page.goto("/security");
  await everyPage(page);
  await page.getByRole("link", { name: "등록하기" }).click();
  await everyPage(page);
  const secret = ((await page.locator("#totp-secret").textContent()) ?? "").replaceAll(" ", "");
  await page.getByLabel("앱에 보이는 번호").fill(totp(secret, Date.now()));
  await page.getByRole("button", { name: "등록하기" }).click();
  await expect(page.locator("#recovery-codes li")).toHaveCount(10);
  const recovery = (await page.locator("#recovery-codes li").first().textContent()) ?? "";
  await everyPage(page);
  await page.getByRole("link", { name: "계속하기" }).click();
  await expect(page.getByText("비밀번호 확인").first()).toBeVisible();
  await everyPage(page);
  // The next sign-in.
  await signInByForm(page, login, NEW_PASSWORD);
  await expect(page).toHaveURL(/\/second-factor/);
  await everyPage(page);
  await page.getByLabel("인증 번호").fill("123");
  await page.getByRole("button", { name: "확인" }).click();
  await expect(page.getByText("번호가 맞지 않거나").first()).toBeVisible();
  await page.goto("/admin/payouts");
  await expect(page).toHaveURL(/\/second-factor\?next=/);
  await page.getByLabel("인증 번호").fill(recovery);
  await page.getByRole("button", { name: "확인" }).click();
  await expect(page).toHaveURL(/\/admin\/payouts$/);
  expect(neul.password).not.toBe(NEW_PASSWORD);
});

test("names of a payout are masked until a clerk says why", async ({ page, signIn }) => {
  await signIn("clerk");
  await page.goto("/admin/payouts");
  const rosters = page.getByRole("main").locator("a[href^='/admin/payouts/']").filter({ hasNotText: "예산" });
  const addresses = await rosters.evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  const ask = page.getByRole("link", { name: "사유를 적고 보기" });
  for (const address of addresses.filter((one) => /\d+$/.test(one))) {
    await page.goto(address);
    if (await ask.count()) break;
  }
  await expect(ask).toBeVisible();
  await expect(page.getByRole("table").last()).toBeVisible();
  expect(await page.getByRole("main").innerText()).toMatch(/[가-힣]\*/);
  await ask.click();
  await everyPage(page);
  await page.getByRole("button", { name: "이름 보기" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("보는 사유").fill("지급 오류 민원 확인");
  await page.getByRole("button", { name: "이름 보기" }).click();
  await expect(page.getByText("사유를 적고 이름을 보고 있습니다")).toBeVisible();
  await everyPage(page);
  await signIn("auditor");
  await page.goto("/admin/audit?action=person.");
  await expect(page.getByText("지급 오류 민원 확인").first()).toBeVisible();
  await everyPage(page);
});
