import { expect, noAxeFindings, test, keyboardWalk } from "../support/world";

test("the front door says what this is, whom to call and how the service is", async ({ page, visit }) => {
  await visit("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/늘/);
  await expect(page.getByText("모든 서비스가 정상입니다")).toBeVisible();
  await expect(page.getByText("031-310-0000").first()).toBeVisible();
  await expect(page.getByText("시연용 데이터입니다")).toBeVisible();
});

test("the keyboard reaches the sign-in from the front door, the skip link first", async ({ page }) => {
  await page.goto("/");
  const walk = await keyboardWalk(page);
  expect(walk[0]).toBe("본문으로 바로가기");
  expect(walk).toContain("로그인");
});

test("an unknown address is a helpful page, not a shrug", async ({ page }) => {
  const answer = await page.goto("/nowhere/at/all");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("찾으시는 화면이 없습니다");
  await expect(page.getByRole("link", { name: "처음으로" }).first()).toBeVisible();
  await noAxeFindings(page);
});

test("nothing comes from another host, and no script or style runs that is not ours", async ({ page, neul }) => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  const answer = await page.goto("/");
  await page.waitForLoadState("networkidle");
  expect([...hosts]).toEqual([new URL(neul.url).host]);
  const policy = answer?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("'unsafe-inline'");
});

test("a reader may have large text, dark or in English, and it stays so", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await noAxeFindings(page);
});
