import { SCENARIOS_1_TO_10 } from './scenarios-1-to-10.js';
import { SCENARIOS_11_TO_20 } from './scenarios-11-to-20.js';
import { SCENARIOS_21_TO_30 } from './scenarios-21-to-30.js';
import { SCENARIOS_31_TO_40 } from './scenarios-31-to-40.js';
import type { Scenario } from './scenario.js';

/** What has to be survived, and by which tests that is shown on which transport. */
export const SCENARIOS: readonly Scenario[] = [
  ...SCENARIOS_1_TO_10,
  ...SCENARIOS_11_TO_20,
  ...SCENARIOS_21_TO_30,
  ...SCENARIOS_31_TO_40,
];
