import { everyPage, expect, keyboardWalk, signInByForm, test } from "../support/world";

test("a wrong password says nothing about whether the login id exists", async ({ page }) => {
  const said: (string | null)[] = [];
  for (const who of ["citizen", "nobody-of-that-name"]) {
    await page.goto("/login");
    await page.getByLabel("아이디", { exact: true }).fill(who);
    await page.getByLabel("비밀번호", { exact: true }).fill("틀린 비밀번호입니다");
    await page.getByRole("main").getByRole("button", { name: "로그인" }).click();
    const alert = page.getByText("아이디나 비밀번호가 맞지 않습니다");
    await expect(alert.first()).toBeVisible();
    await expect(page.getByLabel("아이디", { exact: true })).toHaveValue(who);
    said.push(await alert.first().textContent());
    await everyPage(page);
  }
  expect(said[0]).toBe(said[1]);
});

test("the sign-in form is filled and sent by keyboard alone", async ({ page }) => {
  await page.goto("/login");
  expect(await keyboardWalk(page)).toContain("로그인");
  await everyPage(page);
});

test("a restart of the portal signs nobody out", async ({ page, neul, signIn }) => {
  await signIn("citizen");
  await page.goto("/wallet");
  await neul.stopPortal();
  await neul.startPortal();
  await page.goto("/wallet");
  await expect(page).toHaveURL(/\/wallet$/);
  await expect(page.getByText("쓸 수 있는 돈").first()).toBeVisible();
});

test("a citizen signs in, is not let into the desk, and signs out", async ({ page, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await expect(page).toHaveURL(/\/wallet/);
  const answer = await page.goto("/admin");
  expect([403, 404]).toContain(answer?.status());
  await page.goto("/wallet");
  await page.getByRole("button", { name: "로그아웃" }).click();
  await page.goto("/wallet");
  await expect(page).toHaveURL(/\/login/);
});
