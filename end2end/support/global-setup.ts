import { rm } from "node:fs/promises";
import { demoFolder } from "./neul.mjs";

/** Fills the demo once; every worker starts its portal on a copy. */
export default async function globalSetup() {
  if (process.env.NEUL_E2E_DATABASE_URL) return;
  const folder = await demoFolder();
  process.env.NEUL_E2E_TEMPLATE = folder;
  return () => rm(folder, { recursive: true, force: true });
}
