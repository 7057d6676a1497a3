// The network is cut, and the phone still tells what it was told last, with its time; only where its owner chose so,
// and for as long as they are signed in.

import type { Page } from "@playwright/test";
import { everyPage, expect, signInByForm, test } from "../support/world";

// A service worker outlives a page: each test has a browser context, and so a device, of its own.
async function choose(page: Page) {
  await page.goto("/wallet/devices");
  await page.getByRole("button", { name: "이 기기에서 켜기" }).click();
  await expect(page.getByText("이 기기에서 켜져 있습니다.")).toBeVisible();
}

const kept = (page: Page) => page.evaluate(async () => Boolean(await caches.match("/wallet/offline")));

test("nothing is kept on a device that has not chosen it", async ({ page, context, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await page.goto("/wallet/devices");
  await everyPage(page);
  await page.goto("/wallet");
  expect(await page.evaluate(async () => (await caches.keys()).length)).toBe(0);
  await context.setOffline(true);
  await expect(page.goto("/wallet")).rejects.toThrow(/ERR_INTERNET_DISCONNECTED/);
});

test("without a network the last total is shown with its time, and never as the present", async ({ page, context, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await choose(page);
  await page.goto("/wallet");
  const total = await page.locator(".balance .money-xl").textContent();
  await context.setOffline(true);
  for (const address of ["/wallet", "/wallet/history"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1, name: "네트워크 없이 보는 요약" })).toBeVisible();
    await expect(page.getByText(/에 이 기기에 담아 둔 내용입니다/)).toBeVisible();
    await expect(page.locator(".balance .money-xl")).toHaveText(total ?? "?");
    await expect(page.getByRole("heading", { name: "서비스 상태" })).toBeVisible();
    // It is drawn as ever: its style and its icons are there without a network too.
    expect(await page.evaluate(() => getComputedStyle(document.querySelector(".balance")!).paddingTop)).not.toBe("0px");
  }
  await everyPage(page);
  expect(await page.content()).not.toContain("_token");
  await context.setOffline(false);
  await page.goto("/wallet");
  await expect(page.getByText("네트워크 없이 보는 요약")).toHaveCount(0);
  await expect(page.locator(".balance .money-xl")).toHaveText(total ?? "?");
});

test("it goes when its owner signs out", async ({ page, context, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await choose(page);
  expect(await kept(page)).toBe(true);
  await page.getByRole("button", { name: "로그아웃" }).first().click();
  await expect(page.getByText("로그아웃했습니다.")).toBeVisible();
  expect(await kept(page)).toBe(false);
  await context.setOffline(true);
  await expect(page.goto("/wallet")).rejects.toThrow(/ERR_INTERNET_DISCONNECTED/);
});

test("it goes when the server says that nobody is signed in", async ({ page, context, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await choose(page);
  await context.clearCookies();
  await page.goto("/wallet");
  await expect(page).toHaveURL(/\/login/);
  await expect.poll(() => kept(page)).toBe(false);
});

test("it goes after 72 hours", async ({ page, context, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await choose(page);
  await page.evaluate(async () => {
    const old = (await caches.match("/wallet/offline"))!;
    const headers = new Headers(old.headers);
    headers.set("x-neul-summary-at", String(Date.now() - 72 * 3600 * 1000));
    const cache = await caches.open("neul-summary");
    await cache.put("/wallet/offline", new Response(await old.text(), { headers }));
  });
  await context.setOffline(true);
  await expect(page.goto("/wallet")).rejects.toThrow(/ERR_|net::/);
  await context.setOffline(false);
  await page.goto("/wallet/devices");
  expect(await kept(page)).toBe(false);
});

test("its owner turns it off again", async ({ page, neul }) => {
  await signInByForm(page, "citizen", neul.password);
  await choose(page);
  await page.getByRole("button", { name: "끄고 지우기" }).click();
  await expect(page.getByText("이 기기에서 꺼져 있습니다.")).toBeVisible();
  expect(await kept(page)).toBe(false);
});
