import { writeSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Prints `N passed, N failed[, N skipped]` alone on the very last line.
 *
 * A file or a suite that fails outside its tests, and an error nobody caught, count as one failed each. A test that passed on its
 * second try only is named above that line: the machine was too busy for it, or it needs care.
 */
export default class SummaryReporter implements Reporter {
  private passed = 0;
  private failed = 0;
  private skipped = 0;
  private readonly unsteady: string[] = [];
  private ended = false;

  onInit(): void {
    process.on('exit', () => this.print());
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    unhandledErrors: ReadonlyArray<SerializedError>,
    reason: TestRunEndReason,
  ): void {
    this.ended = true;
    this.passed = 0;
    this.failed = unhandledErrors.length;
    this.skipped = 0;
    for (const module of modules) {
      this.count(module);
    }
    // The preparation of the run may fail, before there is any file.
    this.failed ||= reason === 'failed' ? 1 : 0;
  }

  private count(module: TestModule): void {
    if (module.errors().length > 0) {
      this.failed += 1;
    }
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) {
        this.failed += 1;
      }
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') {
        this.passed += 1;
        if (test.diagnostic()?.flaky === true) {
          this.unsteady.push(`${module.relativeModuleId} > ${test.fullName}`);
        }
      } else if (state === 'skipped') {
        this.skipped += 1;
      } else {
        this.failed += 1;
      }
    }
  }

  private print(): void {
    this.unsteady.forEach((name) => writeSync(1, `Passed on the second try only: ${name}\n`));
    const failed = this.ended ? this.failed : 1;
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : '';
    writeSync(1, `${this.passed} passed, ${failed} failed${skipped}\n`);
  }
}
