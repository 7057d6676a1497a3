import { expect, test } from "../support/world";

test("a gift is checked before it is sent, and can be taken back", async ({ page, signIn, visit }) => {
  await signIn("citizen");
  await visit("/wallet/gift");
  await page.getByLabel("받는 분 휴대전화").fill("010-2222-3333");
  await page.getByLabel("선물할 금액").fill("1,000");
  await page.getByRole("button", { name: "다음" }).click();
  await expect(page.getByText("010-2222-3333")).toBeVisible();
  await page.getByRole("button", { name: "1,000원 보내기" }).click();
  await expect(page.getByText("선물을 보냈습니다", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "선물 1,000원 취소" }).first().click();
  await expect(page.getByText("돈이 지갑으로 돌아왔습니다", { exact: false })).toBeVisible();
  await visit("/wallet/gift");
});

test("a refund asks for an account first, and says its sums", async ({ page, signIn, visit }) => {
  await signIn("citizen");
  await visit("/wallet/refund");
  await visit("/wallet/refund/account");
  await page.getByLabel("은행").selectOption("088");
  await page.getByLabel("계좌번호").fill("110-123-456789");
  await page.getByRole("button", { name: "저장" }).click();
  await expect(page.getByText("********6789")).toBeVisible();
  await page.getByRole("radio").first().check();
  await page.getByRole("button", { name: "다음" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "환불 확인" })).toBeVisible();
  await expect(page.getByText("할인 회수")).toBeVisible();
});

test("the desk sees settlements and whether bank and books agree", async ({ page, signIn, visit }) => {
  await signIn("auditor");
  await visit("/admin/settlements");
  await expect(page.getByRole("heading", { level: 1, name: "정산" })).toBeVisible();
  const answer = await page.request.get("/admin/settlements.csv");
  expect(answer.status()).toBe(200);
  expect((await answer.body()).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
});

test("a merchant says where its settlements go", async ({ signIn, visit }) => {
  await signIn("merchant");
  await visit("/shop/account");
});
