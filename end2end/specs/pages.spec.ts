// Every page that the other specs do not walk through: axe finds nothing, nothing is lost at 320 px or at 200 % text, and
// the keyboard reaches all of it.

import { everyPage, expect, keyboardWalk, noAxeFindings, test, type Login } from "../support/world";

const PAGES: [Login | null, string[]][] = [
  [null, ["/", "/login", "/signup", "/recover", "/outbox", "/merchants", "/incidents"]],
  ["citizen", ["/wallet", "/wallet/history", "/wallet/charge", "/wallet/pay", "/wallet/code", "/wallet/devices", "/wallet/data", "/password"]],
  ["clerk", ["/admin", "/admin/programmes/new", "/admin/payouts/new", "/admin/vouchers", "/admin/merchants/new"]],
  ["administrator", ["/admin/staff", "/admin/audit", "/security"]],
  ["operator", ["/admin/municipalities", "/admin/cards"]],
  ["merchant", ["/shop", "/shop/settlements", "/shop/keys"]],
];

for (const [who, addresses] of PAGES) {
  test(`${who ?? "a stranger"}: each page is fit for everybody, by keyboard too`, async ({ page, signIn }, { project }) => {
    test.setTimeout(180_000);
    if (who) await signIn(who);
    for (const address of addresses) {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await everyPage(page);
      // Scripts find out where the focus is; the markup is the same without them.
      if (project.use.javaScriptEnabled === false) continue;
      const walk = await keyboardWalk(page, 400);
      const controls = await page.locator("a[href]:visible, button:visible, select:visible, textarea:visible").count();
      expect(walk.length, `${address}: the keyboard reaches everything`).toBeGreaterThanOrEqual(controls);
    }
  });
}

// Pages of one record, reached as a person would: by the first link of the list above them.
const RECORDS: [Login | null, string, string][] = [
  [null, "/incidents", "/incidents/"],
  ["citizen", "/wallet/history", "/wallet/transfers/"],
  ["clerk", "/admin/programmes", "/admin/programmes/"],
  ["clerk", "/admin/payouts", "/admin/payouts/"],
  ["merchant", "/shop", "/shop/transfers/"],
];

for (const [who, list, record] of RECORDS) {
  test(`${record}… is reached from ${list} and is fit for everybody`, async ({ page, signIn }) => {
    if (who) await signIn(who);
    await page.goto(list);
    const link = page.locator(`main a[href^="${record}"]:not([href$="/new"])`).first();
    // A line of the history opens to its receipt.
    if (!(await link.isVisible())) await page.locator("main summary").first().click();
    await link.click();
    await expect(page).toHaveURL(new RegExp(`${record}[^/]+$`));
    await everyPage(page);
  });
}

test("dark, high contrast and English are as sound as the rest", async ({ page, signIn }) => {
  test.setTimeout(120_000);
  await signIn("citizen");
  for (const look of ["어둡게", "고대비"]) {
    await page.goto("/wallet");
    await page.getByRole("button", { name: look }).click();
    for (const address of ["/wallet", "/wallet/pay", "/wallet/history", "/incidents"]) {
      await page.goto(address);
      await noAxeFindings(page);
    }
  }
  await page.goto("/wallet?lang=en");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await everyPage(page);
  // Names of people, shops and programmes apart, no Korean is left over.
  const heading = await page.getByRole("heading", { level: 2 }).allInnerTexts();
  expect(heading.join(" ")).not.toMatch(/[가-힣]/);
});

test("the operator opens a municipality and invites its first administrator, who signs in", async ({ page, signIn }, { project }) => {
  test.skip(project.name !== "desktop", "a municipality is opened once");
  await signIn("operator");
  await page.goto("/admin/municipalities");
  await page.getByLabel("지자체", { exact: true }).first().selectOption({ label: "경기도 수원시" });
  await page.getByRole("button", { name: "지자체 열기" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  // What was chosen is kept.
  await expect(page.getByLabel("지자체", { exact: true }).first()).toHaveValue("41110");
  await page.getByLabel("영문 이름", { exact: true }).fill("Suwon-si");
  await page.getByLabel("지역화폐 이름").fill("수원페이");
  await page.getByLabel("지역화폐 영문 이름").fill("Suwon Pay");
  await page.getByLabel("상담 전화").fill("031-228-0000");
  await page.getByLabel("상담 시간").fill("평일 09:00–18:00");
  await page.getByRole("button", { name: "지자체 열기" }).click();
  await expect(page.getByText("수원시 열기를 마쳤습니다")).toBeVisible();
  await page.getByLabel("지자체", { exact: true }).last().selectOption({ label: "수원시" });
  await page.getByLabel("이름", { exact: true }).fill("정조");
  await page.getByLabel("아이디").fill("suwonadmin");
  await page.getByRole("button", { name: "관리자 초대" }).click();
  const link = (await page.locator("#invitation-link").textContent()) ?? "";
  await page.context().clearCookies();
  await page.goto(new URL(link).pathname);
  const password = "맑은 날 감나무 아래 7";
  await page.getByLabel("쓸 비밀번호").fill(password);
  await page.getByRole("button", { name: "비밀번호 정하기" }).click();
  await expect(page).toHaveURL(/\/login$/);
  await page.getByLabel("아이디", { exact: true }).fill("suwonadmin");
  await page.getByLabel("비밀번호", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "로그인" }).click();
  await expect(page).toHaveURL(/\/admin$/);
  await expect(page.getByText("수원시").first()).toBeVisible();
});
