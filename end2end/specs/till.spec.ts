// A payment by code, as the two meet at a counter: the resident's phone shows it, the shop types it.

import { everyPage, expect, test } from "../support/world";

test("a code on the wallet's page is typed at the shop, pays once, and both see it", async ({ page, signIn }) => {
  test.setTimeout(120_000);
  await signIn("citizen");
  await page.goto("/wallet");
  await page.getByRole("link", { name: "결제 코드" }).click();
  await expect(page).toHaveURL(/\/wallet\/code/);
  await expect(page.getByRole("img", { name: "결제 코드 QR" })).toBeVisible();
  await everyPage(page);
  // A new one ends the one before.
  const digits = page.locator(".code-digits");
  const first = await digits.innerText();
  await page.getByRole("button", { name: "새 코드 만들기" }).click();
  await expect(digits).not.toHaveText(first);
  const code = await digits.innerText();
  expect(code).toMatch(/^\d{4} \d{4} \d{4}$/);

  await signIn("merchant");
  await page.goto("/shop");
  await everyPage(page);
  const take = async (typed: string, amount: string) => {
    await page.getByLabel("손님의 결제 코드").fill(typed);
    await page.getByLabel("받을 금액").fill(amount);
    await page.getByRole("button", { name: "결제 받기" }).click();
  };
  await take(first, "1,000");
  await expect(page.getByText("결제 코드의 3분이 지났습니다").first()).toBeVisible();
  // What was typed is kept, and what is wrong stands beside its field.
  await expect(page.getByLabel("손님의 결제 코드")).toHaveValue(first);
  await expect(page.getByLabel("받을 금액")).toHaveValue("1,000");
  await everyPage(page);
  await take(code, "1,200");
  await expect(page).toHaveURL(/\/shop\/transfers\/\d+/);
  await expect(page.getByText("1,200원 결제를 받았습니다.")).toBeVisible();
  await page.goto("/shop");
  await take(code, "1,200");
  await expect(page.getByText("이미 쓴 결제 코드입니다").first()).toBeVisible();

  await signIn("citizen");
  await page.goto("/wallet/code");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("결제했습니다");
  await expect(page.getByText("1,200")).toBeVisible();
  await everyPage(page);
});

test("a shop makes an API key, which is shown once and works until it is revoked", async ({ page, neul, signIn }, { project }) => {
  await signIn("merchant");
  await page.goto("/shop/keys");
  const label = `계산대 ${project.name}`;
  await page.getByLabel("이름").fill(label);
  await page.getByRole("button", { name: "새 키 만들기" }).click();
  const key = (await page.locator("#made-key").textContent()) ?? "";
  expect(key).toMatch(/^neul_[\w-]{43}$/);
  await everyPage(page);
  const ask = () => fetch(`${neul.url}/api/v1/takings`, { headers: { authorization: `Bearer ${key}` } });
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as { items: unknown[] }).items.length).toBeGreaterThan(0);
  await page.goto("/shop/keys");
  await expect(page.getByText(key)).toHaveCount(0);
  // Asked once more: whoever opens it by mistake has stopped no till.
  await page.locator(`summary[aria-label="${label} 폐기"]`).click();
  await expect(page.getByText("되돌릴 수 없습니다")).toBeVisible();
  await everyPage(page);
  await page.getByRole("button", { name: "이 키 폐기하기" }).click();
  await expect(page.getByText("키를 폐기했습니다")).toBeVisible();
  expect((await ask()).status).toBe(401);
});
