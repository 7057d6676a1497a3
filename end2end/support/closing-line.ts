import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { appendFileSync } from "node:fs";

/** Ends a run with one line that programs read: `N passed, N failed`. */
export default class ClosingLine implements Reporter {
  private passed = 0;
  private failed = 0;
  private skipped = 0;

  onTestEnd(test: TestCase, result: TestResult) {
    if (result.status === "skipped") this.skipped += 1;
    else if (result.status === test.expectedStatus) this.passed += 1;
    else this.failed += 1;
  }

  onEnd(result: FullResult) {
    // A run that breaks outside its tests has failed all the same.
    if (result.status !== "passed" && this.failed === 0) this.failed = 1;
    const counts = { passed: this.passed, failed: this.failed, skipped: this.skipped };
    if (process.env.NEUL_COUNTS) appendFileSync(process.env.NEUL_COUNTS, `${JSON.stringify(counts)}\n`);
    else console.log(`${counts.passed} passed, ${counts.failed} failed`);
  }

  printsToStdio() {
    return true;
  }
}
