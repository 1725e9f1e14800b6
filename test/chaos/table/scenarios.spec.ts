import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../architecture/source-files.js';
import { testsOf } from './coverage.js';
import { PROTECTIONS } from './protections/protections.js';
import { CHAOS_TRANSPORTS, type ScenarioTest } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import { writtenTests } from './written-titles.js';
import { applyEdit } from './apply-edit.js';

const TITLE_IS = /^(?!Scenario)[A-Z`].*[^.]$/;

/** The tests that do not exist. */
function unwritten(tests: readonly ScenarioTest[]): readonly ScenarioTest[] {
  const files = new Map([...new Set(tests.map(({ file }) => file))].map((file) => [file, titlesIn(file)]));
  return tests.filter(({ file, name }) => files.get(file)?.some((title) => title.test(name)) !== true);
}

function titlesIn(file: string): readonly RegExp[] {
  const path = join(ROOT, file);
  return existsSync(path) ? writtenTests(path) : [];
}

describe('the table of scenarios', () => {
  it('has the scenarios 1 to 40, each with a title', () => {
    expect(SCENARIOS.map(({ number }) => number)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    expect(SCENARIOS.filter(({ title }) => !TITLE_IS.test(title))).toEqual([]);
  });

  it('says of each scenario how it stands with each transport', () => {
    const pairs = SCENARIOS.flatMap(({ on }) => CHAOS_TRANSPORTS.map((transport) => on[transport]));
    expect(pairs.filter((coverage) => coverage === undefined)).toEqual([]);
    expect(pairs.filter((coverage) => 'tests' in coverage && coverage.tests.length === 0)).toEqual([]);
    const reasons = pairs.flatMap((coverage) =>
      'notApplicable' in coverage ? [coverage.notApplicable] : [],
    );
    expect(reasons.filter((reason) => !/^[A-Z].*\.$/.test(reason))).toEqual([]);
  });

  it('names tests that exist', () => {
    expect(
      unwritten(
        SCENARIOS.flatMap(({ on }) => CHAOS_TRANSPORTS.flatMap((transport) => testsOf(on[transport]))),
      ),
    ).toEqual([]);
  });

  it('knows how many tests are still to be written', ({ annotate }) => {
    const missing = SCENARIOS.flatMap(({ number, on }) =>
      CHAOS_TRANSPORTS.filter((transport) => 'missing' in on[transport]).map(
        (transport) => `${number} on ${transport}`,
      ),
    );
    return annotate(
      `${missing.length} pairs of scenario and transport have no test yet: ${missing.join(', ')}`,
    );
  });
});

describe('the protections', () => {
  it('are each of a scenario of the table, and name tests that exist', () => {
    const numbers = SCENARIOS.map(({ number }) => number);
    expect(PROTECTIONS.filter(({ scenario }) => !numbers.includes(scenario))).toEqual([]);
    expect(PROTECTIONS.filter(({ tests }) => tests.length === 0)).toEqual([]);
    expect(unwritten(PROTECTIONS.flatMap(({ tests }) => tests))).toEqual([]);
  });

  it.each(PROTECTIONS.map((protection) => [protection.what, protection] as const))(
    'can be taken away: %s',
    (_what, { edits }) => {
      expect(() => edits.forEach((edit) => applyEdit(ROOT, edit, () => undefined))).not.toThrow();
    },
  );
});
