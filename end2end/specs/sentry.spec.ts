import { createServer, type Server } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { everyPage, expect, test } from "../support/world";
import { startNeul } from "../support/neul.mjs";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

/** A web server that knows nothing of us. */
async function plainFiles(folder: string): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const wanted = new URL(request.url ?? "/", "http://x").pathname;
    const file = path.join(folder, wanted.endsWith("/") ? `${wanted}index.html` : wanted);
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "text/plain" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test("whoever wants to hear of it can subscribe, and is told what is wrong beside its field", async ({ page, neul }) => {
  await page.goto(neul.statusUrl);
  await page.getByRole("link", { name: "소식 받기" }).click();
  await everyPage(page);
  await page.getByLabel("받을 주소").fill("nothing");
  await page.getByRole("button", { name: "신청" }).click();
  await expect(page.locator("#address-error")).toBeVisible();
  await expect(page.getByLabel("받을 주소")).toHaveValue("nothing");
  await everyPage(page);
  await page.getByLabel("받을 주소").fill("https://localhost:9443/hook");
  await page.getByRole("button", { name: "신청" }).click();
  await expect(page.getByText(/whsec_/)).toBeVisible();
  await everyPage(page);
  await page.goto(`${neul.statusUrl}/unsubscribe?id=aaaaaaaaaaaa&token=0`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("더 이상 쓸 수 없습니다");
  await everyPage(page);
});

test("a dead portal is told by itself, the operator goes on, and the copy outlives everything", async ({ page }) => {
  test.setTimeout(180_000);
  const neul = await startNeul({
    template: process.env.NEUL_E2E_TEMPLATE,
    more: { NEUL_PROBE_SECONDS: "1", NEUL_PROBE_KEY: "probe-key-of-the-spec" },
  });
  try {
    // The portal must have been seen well once.
    await page.goto(neul.statusUrl);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/모든 서비스가 정상/);
    await new Promise((done) => setTimeout(done, 3_000));
    await neul.stopPortal();
    await expect(async () => {
      await page.goto(neul.statusUrl);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(/모든 서비스가 중단/, { timeout: 500 });
    }).toPass({ timeout: 30_000 });
    await expect(page.getByText("원인은 아직 모릅니다").first()).toBeVisible();
    await expect(page.getByText("다음 안내 예정").first()).toBeVisible();
    await everyPage(page);

    await page.getByRole("link", { name: "서비스가 응답하지 않습니다" }).first().click();
    await expect(page.getByText("자동 점검이 알림")).toBeVisible();
    await everyPage(page);

    // The operator sees what the probes see, and takes over with a sentence that only they can know.
    await page.goto(`${neul.statusUrl}/desk`);
    await page.getByLabel("아이디").fill("operator");
    await page.getByLabel("비밀번호").fill(neul.password);
    await page.getByRole("button", { name: "운영자 로그인" }).click();
    await expect(page.getByRole("heading", { name: "지금 점검에 보이는 것" })).toBeVisible();
    await expect(page.getByRole("cell", { name: "응답 없음" }).first()).toBeVisible();
    await everyPage(page);
    await page.getByRole("link", { name: /서비스가 응답하지 않습니다/ }).first().click();
    await page.getByLabel("글 (한국어)").or(page.locator("#body_ko")).first().fill("원인을 찾았습니다.");
    await page.locator("#body_en").fill("We found the cause.");
    await page.getByLabel("맡겨 두신 돈은 안전하며").check();
    await everyPage(page);
    await page.locator("form[action*='/desk/incidents/'] button[type=submit]").click();
    await page.goto(neul.statusUrl);
    await expect(page.getByText("맡겨 두신 돈은 안전하며, 없어진 것이 없습니다.").first()).toBeVisible();

    // Every process of ours is dead now; a plain web server has the folder.
    await expect(async () => {
      const copy = await readFile(path.join(neul.folder, "status/twin/index.html"), "utf8");
      expect(copy).toContain("원인을 찾았습니다.");
    }).toPass({ timeout: 10_000 });
    await neul.stopStatus();
    const { url, server } = await plainFiles(path.join(neul.folder, "status/twin"));
    try {
      await page.goto(url);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(/모든 서비스가 중단/);
      const note = page.getByRole("complementary", { name: "이 페이지는 사본입니다" });
      await expect(note).toBeVisible();
      if (test.info().project.use.javaScriptEnabled === false) await expect(note).toContainText("5분보다 오래되었다면");
      else await expect(note).toContainText("방금 쓰인 사본입니다");
      await everyPage(page);
      await page.getByRole("link", { name: "서비스가 응답하지 않습니다" }).first().click();
      await expect(page.getByText("원인을 찾았습니다.").first()).toBeVisible();
      await page.getByRole("link", { name: "English" }).click();
      await expect(page.getByText("We found the cause.").first()).toBeVisible();
      await everyPage(page);
      if (test.info().project.use.javaScriptEnabled !== false) {
        await page.clock.setFixedTime(Date.now() + 3 * 3_600_000);
        await page.goto(`${url}/history/index.html`);
        await expect(page.getByText("이 사본은 3시간 전 것입니다")).toBeVisible();
        await everyPage(page);
      }
    } finally {
      await new Promise((done) => server.close(done));
    }
  } finally {
    await neul.stop();
  }
});
