import { expect, test } from "../support/world";

test("nothing is charged to the bank by default; a choice is kept, and taken back", async ({ page, signIn, visit }) => {
  await signIn("citizen");
  await visit("/wallet/card");
  const cafe = page.getByLabel("카페");
  await expect(cafe).toHaveValue("");
  await cafe.fill("1,000,001");
  await page.getByRole("button", { name: "저장" }).click();
  await expect(page.locator("#f-cafe-error")).toContainText("1,000,000");
  await expect(page.getByLabel("카페")).toHaveValue("1,000,001");
  await page.getByLabel("카페").fill("5,000");
  await page.getByRole("button", { name: "저장" }).click();
  await expect(page.getByText("1개 업종의 선택을 바꿨습니다.")).toBeVisible();
  await expect(page.getByLabel("카페")).toHaveValue("5000");
  await page.getByRole("button", { name: "모두 지우고 거절로 두기" }).click();
  await expect(page.getByLabel("카페")).toHaveValue("");
});

test("a card is blocked and let pay again", async ({ page, signIn, visit }) => {
  await signIn("citizen");
  await visit("/wallet/card");
  await page.getByRole("button", { name: "이 카드 정지하기" }).click();
  await expect(page.getByText("사용 정지")).toBeVisible();
  await page.getByRole("button", { name: "다시 쓰기" }).click();
  await expect(page.getByText("쓸 수 있음")).toBeVisible();
});

test("the operator's queue is fit for everybody", async ({ page, signIn, visit }) => {
  await signIn("operator");
  await visit("/admin/cards");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("카드사 대사");
});
