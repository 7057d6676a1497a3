import { defineConfig, devices, type Project } from "@playwright/test";
import { CHROMIUM_FLAGS, chromium } from "./support/neul.mjs";

// Every page on a desk's screen and on a small phone, with JavaScript and without. On PostgreSQL the journeys alone:
// what the engines could do differently happens there.
const onPostgres = Boolean(process.env.NEUL_E2E_DATABASE_URL);

const screens = {
  desktop: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 } },
  phone: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } },
};

const projects: Project[] = Object.entries(screens).flatMap(([screen, use]) =>
  [true, false].map((javaScriptEnabled) => ({
    name: `${screen}${javaScriptEnabled ? "" : " without JavaScript"}`,
    use: { ...use, javaScriptEnabled },
    // What needs WASM says so in its name.
    testIgnore: javaScriptEnabled ? [] : /\.hydrate\.spec\.ts$/,
  })),
);

export default defineConfig({
  testDir: "specs",
  testMatch: onPostgres ? /journey\.spec\.ts$/ : /\.spec\.ts$/,
  outputDir: "test-results",
  fullyParallel: false,
  workers: onPostgres ? 1 : 2,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["./support/closing-line.ts"]],
  globalSetup: "./support/global-setup.ts",
  use: {
    actionTimeout: 15_000,
    locale: "ko-KR",
    timezoneId: "Asia/Seoul",
    colorScheme: "light",
    screenshot: "only-on-failure",
    trace: "off",
    launchOptions: { executablePath: chromium(), args: CHROMIUM_FLAGS },
  },
  projects: onPostgres ? projects.filter((project) => project.name === "desktop") : projects,
});
