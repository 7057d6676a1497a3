// What every spec starts from: a portal of the worker's own, people who are signed in, and what must hold on any page.

import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Cookie, type Page } from "@playwright/test";
import { startNeul } from "./neul.mjs";

export { expect };

/** The demo's people. */
export type Login = "citizen" | "clerk" | "approver" | "auditor" | "administrator" | "operator" | "merchant";

export type Neul = Awaited<ReturnType<typeof startNeul>>;

type World = {
  /** Signs `page` in. The form is used once a worker, so that limits on sign-in stay as strict as they are. */
  signIn: (who: Login, page?: Page) => Promise<void>;
  /** Visits an address of the portal and checks what every page must do. */
  visit: (address: string, page?: Page) => Promise<void>;
};

type Ground = {
  neul: Neul;
  sessions: Map<Login, Cookie[]>;
};

export const test = base.extend<World, Ground>({
  neul: [
    async ({}, use) => {
      const neul = await startNeul({
        template: process.env.NEUL_E2E_TEMPLATE,
        databaseUrl: process.env.NEUL_E2E_DATABASE_URL,
      });
      await use(neul);
      await neul.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  sessions: [async ({}, use) => use(new Map()), { scope: "worker" }],
  baseURL: async ({ neul }, use) => use(neul.url),
  signIn: async ({ page: own, neul, sessions }, use) => {
    await use(async (who, page = own) => {
      const known = sessions.get(who);
      if (known) {
        await page.context().clearCookies();
        await page.context().addCookies(known);
        return;
      }
      await signInByForm(page, who, neul.password);
      sessions.set(who, await page.context().cookies());
    });
  },
  visit: async ({ page: own }, use) => {
    await use(async (address, page = own) => {
      await page.goto(address);
      await everyPage(page);
    });
  },
});

/** Fills the sign-in form and waits for the page behind it. */
export async function signInByForm(page: Page, who: string, password: string) {
  // A page of somebody signed in would lead on to their own.
  await page.context().clearCookies();
  await page.goto("/login");
  await page.getByLabel("아이디", { exact: true }).fill(who);
  await page.getByLabel("비밀번호", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "로그인" }).click();
  await expect(page).not.toHaveURL(/\/login/);
}

/** What must hold on any page: axe finds nothing, and no side scroll at 320 px or with text twice as large. */
export async function everyPage(page: Page) {
  await noAxeFindings(page);
  await noSideScroll(page);
}

/** axe-core finds nothing. It is JavaScript itself; without, the page is the same markup, looked at with it. */
export async function noAxeFindings(page: Page) {
  if (test.info().project.use.javaScriptEnabled === false) return;
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const said = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
  expect(said, `axe on ${page.url()}`).toEqual([]);
}

/** Nothing is cut off or pushed aside at 320 px, nor with text at 200 %. */
export async function noSideScroll(page: Page) {
  const before = page.viewportSize();
  if (!before) return;
  try {
    await page.setViewportSize({ width: 320, height: 640 });
    await fits(page, "at 320 px");
    // Text twice as large on a screen of 640 px is what a reader's zoom of 200 % on 320 css px… shows.
    await page.setViewportSize({ width: 640, height: 800 });
    await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
    await fits(page, "with text at 200 %");
    await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
  } finally {
    await page.setViewportSize(before);
  }
}

async function fits(page: Page, when: string) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room + 1) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > room + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
  });
  expect(wide, `${page.url()} scrolls sideways ${when}`).toEqual([]);
}

/**
 * Walks a page by Tab alone and answers with the names of what took the focus, in order. Fails where the focus cannot
 * be seen, or never comes round.
 */
export async function keyboardWalk(page: Page, most = 200): Promise<string[]> {
  const names: string[] = [];
  // From the top, wherever the last click or look has left the focus.
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        name: element.getAttribute("aria-label") ?? (element.innerText || element.getAttribute("name") || element.tagName),
        seen: box.width > 0 && box.height > 0 && (style.outlineStyle !== "none" || style.boxShadow !== "none"),
      };
    });
    if (!at) return names;
    expect(at.seen, `the focus on "${at.name}" can be seen`).toBe(true);
    names.push(at.name.trim());
  }
  throw new Error(`the focus never left the page after ${most} steps: ${names.slice(-5).join(", ")}`);
}
