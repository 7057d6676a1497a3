import { expect, test } from "../support/world";

test("the wallet shows the total, each pot and what ends when", async ({ page, signIn, visit }) => {
  await signIn("citizen");
  await visit("/wallet");
  await expect(page.getByText("쓸 수 있는 돈").first()).toBeVisible();
  for (const pot of ["시루 모바일", "청년기본소득", "문화나들이 지원금"]) {
    await expect(page.getByText(pot).first()).toBeVisible();
  }
});

test("the history opens, and comes as a file for Excel", async ({ page, signIn, visit }) => {
  await signIn("citizen");
  await visit("/wallet/history");
  const answer = await page.request.get("/wallet/history.csv");
  expect(answer.status()).toBe(200);
  expect((await answer.body()).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
});

for (const address of ["/wallet/charge", "/wallet/pay", "/wallet/devices", "/merchants", "/incidents"]) {
  test(`${address} is fit for everybody`, async ({ page, signIn, visit }) => {
    await signIn("citizen");
    await visit(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });
}
