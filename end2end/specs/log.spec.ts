// The public log as a resident meets it: the receipt says where it stands, its proof holds without asking anybody, and
// the status site shows the checkpoint and the keys that the proof leads to.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { binary } from "../support/neul.mjs";
import { everyPage, expect, test } from "../support/world";

const run = promisify(execFile);

test("a receipt's proof holds under the keys that the status site shows, and no longer once it was edited", async ({ page, neul, signIn }) => {
  test.setTimeout(150_000);
  await signIn("citizen");
  await page.goto("/wallet/history");
  await page.locator("main summary").first().click();
  await page.locator('main a[href^="/wallet/transfers/"]').first().click();
  // A checkpoint is signed every minute.
  await expect(async () => {
    await page.reload();
    await expect(page.getByText(/공개 원장 기록 \d+번에 실려 있습니다/)).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 100_000, intervals: [1_000] });
  await everyPage(page);
  const link = page.getByRole("link", { name: "증명 파일 내려받기" });
  const answer = await page.request.get((await link.getAttribute("href")) ?? "");
  expect(answer.status()).toBe(200);
  const proof = await answer.text();

  // The status site asks once a minute, too.
  await expect(async () => {
    await page.goto(`${neul.statusUrl}/log`);
    await expect(page.locator(".log-note").first()).toContainText("— ", { timeout: 1_000 });
  }).toPass({ timeout: 100_000, intervals: [1_000] });
  await everyPage(page);
  const keys = (await page.locator("section[aria-labelledby=keys] code").allInnerTexts()).join("\n");
  expect(keys.length).toBeGreaterThan(0);

  const good = path.join(neul.folder, "proof.json");
  await writeFile(good, proof);
  const { stdout } = await run(binary(), ["log", "check", good, "--keys", keys]);
  expect(stdout).toContain("in the log");
  const record = (JSON.parse(proof) as { record: string }).record;
  expect(record).toMatch(/^transfer \d+ \d+ /);
  const edited = path.join(neul.folder, "edited.json");
  await writeFile(edited, JSON.stringify({ ...JSON.parse(proof), record: record.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10)) }));
  await expect(run(binary(), ["log", "check", edited, "--keys", keys])).rejects.toMatchObject({ code: 1 });

  // Nobody else may have it: it says what was paid.
  await signIn("merchant");
  const refused = await page.request.get(`/wallet/transfers/${record.split(" ")[2]}/proof.json`);
  expect(refused.status()).not.toBe(200);
});
