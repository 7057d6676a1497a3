// A payout on its way: whom it repeats, how many must approve, when it begins, and an approval taken back.

import { everyPage, expect, test, type Login } from "../support/world";

const HEAD = "성명,생년월일,휴대전화,지급액";
const SAME = "강나래,1991-03-04,010-7101-0001,50000";

test("a payout is decided of, scheduled, approved and withdrawn", async ({ page, signIn }, { project }) => {
  test.setTimeout(180_000);

  async function take(name: string, lines: string[]) {
    await signIn("clerk");
    await page.goto("/admin/payouts/new");
    const programme = page.getByLabel("사업");
    const label = await programme.locator("option", { hasText: "청년기본소득" }).textContent();
    await programme.selectOption({ label: label ?? "" });
    const file = { name: `${name}.csv`, mimeType: "text/csv", buffer: Buffer.from([HEAD, ...lines].join("\n")) };
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByRole("button", { name: "올리고 확인하기" }).click();
    return file;
  }
  const tomorrow = () => new Date(Date.now() + 33 * 3_600_000).toISOString().slice(0, 10);

  // The rules: seen by the desk, set by an administrator.
  await signIn("auditor");
  await page.goto("/admin/payouts/rules");
  await everyPage(page);
  await expect(page.getByRole("button", { name: "기준 저장" })).toHaveCount(0);
  await signIn("administrator");
  await page.goto("/admin/payouts/rules");
  await page.getByLabel("기준 금액").fill("많이");
  await page.getByRole("button", { name: "기준 저장" }).click();
  await expect(page.getByLabel("기준 금액")).toHaveAttribute("aria-invalid", "true");
  await everyPage(page);
  await page.getByLabel("기준 금액").fill("90,000");
  await page.getByRole("button", { name: "기준 저장" }).click();
  await expect(page.getByText("승인 기준을 저장했습니다")).toBeVisible();
  await everyPage(page);

  // Below the amount one approver is enough; it is put off until tomorrow, and taken back.
  const file = await take(`작은-${project.name}`, [SAME]);
  await expect(page).toHaveURL(/\/admin\/payouts\/\d+/);
  const small = new URL(page.url()).pathname;
  await page.getByLabel("지급 시작 시각").fill("아홉 시");
  await page.getByRole("button", { name: "승인 요청하기" }).click();
  await expect(page.getByText("시각을 09:00처럼 적어 주세요.").first()).toBeVisible();
  await everyPage(page);
  await page.getByLabel("지급 시작 날짜").fill(tomorrow());
  await page.getByLabel("지급 시작 시각").fill("09:00");
  await page.getByRole("button", { name: "승인 요청하기" }).click();
  await expect(page.getByText("승인을 요청했습니다.")).toBeVisible();
  await signIn("approver");
  await page.goto(small);
  await expect(page.getByText(/부터 지급합니다/)).toBeVisible();
  await page.getByRole("button", { name: "1명에게 50,000원 지급 승인" }).click();
  await expect(page.getByText("승인했습니다.")).toBeVisible();
  await everyPage(page);

  // The same file again only knowingly; then the person repeats, and somebody must decide.
  await signIn("clerk");
  await page.goto("/admin/payouts/new");
  const programme = page.getByLabel("사업");
  const label = await programme.locator("option", { hasText: "청년기본소득" }).textContent();
  await programme.selectOption({ label: label ?? "" });
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "올리고 확인하기" }).click();
  await expect(page.getByText("같은 파일을 이미 올렸습니다.").first()).toBeVisible();
  await everyPage(page);
  await page.getByLabel("같은 파일인 것을 알고 다시 올립니다").check();
  await page.getByLabel("다시 올리는 사유").fill("두 달의 명단이 같습니다");
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "올리고 확인하기" }).click();
  await expect(page.getByText("두 달의 명단이 같습니다")).toBeVisible();
  await expect(page.getByRole("heading", { name: "앞선 지급과 겹치는 사람" })).toBeVisible();
  await expect(page.getByRole("button", { name: "승인 요청하기" })).toHaveCount(0);
  await page.getByRole("button", { name: "이렇게 정하기" }).click();
  await expect(page.getByText("골라 주세요").first()).toBeVisible();
  await everyPage(page);
  await page.getByLabel("이번에도 지급합니다").check();
  await page.getByRole("button", { name: "이렇게 정하기" }).click();
  await expect(page.getByText("정한 대로 기록했습니다.")).toBeVisible();
  await everyPage(page);

  // The approval of the first is taken back before its time: nothing was paid.
  await signIn("approver");
  await page.goto(small);
  await page.getByRole("link", { name: "승인 철회하기" }).click();
  await everyPage(page);
  await page.getByRole("button", { name: "승인 철회", exact: true }).click();
  await expect(page.getByLabel("철회 사유")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("철회 사유").fill("명단을 다시 봅니다");
  await page.getByRole("button", { name: "승인 철회", exact: true }).click();
  await expect(page.getByText("승인을 철회했습니다.")).toBeVisible();
  await expect(page.getByText("명단을 다시 봅니다")).toBeVisible();
  await everyPage(page);

  // From the amount on two must: the first approves, and it waits for another.
  await take(`큰-${project.name}`, ["고은별,1990-05-06,010-7101-0002,90000"]);
  await page.getByRole("button", { name: "승인 요청하기" }).click();
  const large = new URL(page.url()).pathname;
  await signIn("approver");
  await page.goto(large);
  await expect(page.getByText(/승인자 두 명이 차례로/)).toBeVisible();
  await page.getByRole("button", { name: /1차 승인/ }).click();
  await expect(page.getByText("두 번째 승인자의 승인을 기다립니다.")).toBeVisible();
  await expect(page.getByRole("button", { name: /승인$/ })).toHaveCount(0);
  await everyPage(page);
  for (const who of ["clerk", "auditor"] as Login[]) {
    await signIn(who);
    await page.goto(large);
    await expect(page.getByText(/첫 번째로 승인했습니다/)).toBeVisible();
    await expect(page.getByRole("button", { name: /승인$/ })).toHaveCount(0);
  }

  // Other specs share the portal, and one approver.
  await signIn("administrator");
  await page.goto("/admin/payouts/rules");
  await page.getByLabel("기준 금액").fill("");
  await page.getByRole("button", { name: "기준 저장" }).click();
  await expect(page.getByText("승인 기준을 저장했습니다")).toBeVisible();
});
