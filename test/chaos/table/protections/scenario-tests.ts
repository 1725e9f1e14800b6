import { each, inScenario, testsOf } from '../coverage.js';
import type { ChaosTransport, ScenarioTest } from '../scenario.js';

/** The tests of a scenario on some transports, by the same names on each. */
export function tests(
  { file, title }: { readonly file: string; readonly title: string },
  transports: readonly ChaosTransport[],
  ...names: readonly string[]
): readonly ScenarioTest[] {
  const covered = each(transports, (transport) => inScenario(file, title, transport, ...names));
  return Object.values(covered).flatMap(testsOf);
}
