// The one island: the progress of a payout that runs moves without the page being loaded anew, and ends in its result.

import { expect, test } from "../support/world";

/** A roster of `count` people who do not exist. */
function roster(count: number) {
  const family = [..."김이박최정강조윤장임"];
  const given = [..."가나다라마바사아자차카타파하서지민예도현"];
  const lines = Array.from({ length: count }, (_, n) => {
    const name = family[n % 10] + given[Math.floor(n / 10) % 20] + given[Math.floor(n / 200) % 20];
    const phone = `010-${4000 + Math.floor(n / 10_000)}-${String(n % 10_000).padStart(4, "0")}`;
    return `${name},1990-0${(n % 9) + 1}-11,${phone},1000`;
  });
  return ["성명,생년월일,휴대전화,지급액", ...lines].join("\n");
}

test("the progress of a running payout is live", async ({ page, signIn }, { project }) => {
  test.setTimeout(180_000);
  await signIn("clerk");
  await page.goto("/admin/payouts/new");
  await page.getByLabel("사업").selectOption({ label: (await page.getByLabel("사업").locator("option", { hasText: "청년기본소득" }).textContent()) ?? "" });
  const file = { name: `${project.name}.csv`, mimeType: "text/csv", buffer: Buffer.from(roster(3000)) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "올리고 확인하기" }).click();
  await expect(page).toHaveURL(/\/admin\/payouts\/\d+/);
  await page.getByRole("button", { name: "승인 요청하기" }).click();
  await expect(page.getByText("승인을 요청했습니다.")).toBeVisible();
  const address = new URL(page.url()).pathname;

  await signIn("approver");
  await page.goto(address);
  await page.getByRole("button", { name: /지급 승인/ }).click();
  const bar = page.getByRole("progressbar");
  await expect(bar).toBeVisible();
  // Gone if the page is loaded anew.
  await page.evaluate(() => Object.assign(window, { neulSeen: true }));
  const began = Number(await bar.getAttribute("value"));
  await expect(async () => expect(Number(await bar.getAttribute("value"))).toBeGreaterThan(began)).toPass({ timeout: 30_000 });
  expect(await page.evaluate(() => "neulSeen" in window)).toBe(true);
  await expect(page.getByText("모두 지급했습니다")).toBeVisible({ timeout: 120_000 });
});
