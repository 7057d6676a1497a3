import { expect, test } from "../support/world";

const PAGES = ["/admin", "/admin/payouts", "/admin/payouts/new", "/admin/programmes", "/admin/programmes/new", "/admin/vouchers", "/admin/merchants"];

for (const address of PAGES) {
  test(`${address} is fit for every official`, async ({ page, signIn, visit }) => {
    await signIn("clerk");
    await visit(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });
}

test("the auditor reads the audit log, the clerk does not", async ({ page, signIn, visit }) => {
  await signIn("auditor");
  await visit("/admin/audit");
  await signIn("clerk");
  expect((await page.goto("/admin/audit"))?.status()).toBe(403);
});
