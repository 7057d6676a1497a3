import { everyPage, expect, test } from "../support/world";

test("the status site says that all is well, on its own", async ({ page, neul }) => {
  await page.goto(neul.statusUrl);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(/정상/).first()).toBeVisible();
  await everyPage(page);
  const summary = await (await page.request.get(`${neul.statusUrl}/api/v2/summary.json`)).json();
  expect(summary.status.indicator).toBe("none");
  expect(summary.components.length).toBeGreaterThanOrEqual(6);
});

test("the status site answers while the portal is dead", async ({ page, neul }) => {
  await neul.stopPortal();
  try {
    const answer = await page.goto(neul.statusUrl);
    expect(answer?.status()).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  } finally {
    await neul.startPortal();
  }
});

test("its history and its desk's door are fit for everybody", async ({ page, neul }) => {
  for (const address of ["/history", "/desk"]) {
    await page.goto(`${neul.statusUrl}${address}`);
    await everyPage(page);
  }
});
