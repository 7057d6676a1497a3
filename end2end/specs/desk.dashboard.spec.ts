import { everyPage, expect, noAxeFindings, test } from "../support/world";

test("the dashboard shows what the money did, by drawing and by table, in any time", async ({ page, signIn }) => {
  await signIn("clerk");
  await page.goto("/admin");
  // Counted within seconds of the transfers.
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("table", { name: "읍면동별 사용" })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  const days = page.getByRole("img", { name: /일별 발행과 사용/ });
  await expect(days).toBeVisible();
  await expect(page.getByRole("img", { name: /시간대별 사용/ })).toBeVisible();
  await page.getByText("표로 보기").first().click();
  await expect(page.getByRole("table", { name: "일별 발행과 사용" })).toBeVisible();
  await expect(page.getByRole("table", { name: /소진 예상일/ })).toBeVisible();
  await everyPage(page);

  await page.getByRole("link", { name: "올해" }).click();
  await expect(page).toHaveURL(/from=\d{4}-01-01/);
  await noAxeFindings(page);

  // A time that cannot be is refused beside its field, and what was typed stays.
  await page.goto("/admin?from=2026-11-30&until=2026-11-01");
  await expect(page.locator("#f-until, [name=until]").first()).toHaveValue("2026-11-01");
  await expect(page.getByText("종료일은 시작일보다 앞설 수 없습니다.").first()).toBeVisible();
});

test("drawings hold in the dark and in high contrast", async ({ page, signIn }) => {
  await signIn("clerk");
  for (const look of ["어둡게", "고대비"]) {
    await page.goto("/admin");
    await page.getByRole("button", { name: look }).click();
    await page.goto("/admin");
    await noAxeFindings(page);
  }
});
