import type { Protection } from '../scenario.js';
import { PROTECTIONS_1_TO_10 } from './protections-1-to-10.js';
import { PROTECTIONS_11_TO_20 } from './protections-11-to-20.js';
import { PROTECTIONS_17_TO_22 } from './protections-17-to-22.js';
import { PROTECTIONS_21_TO_30 } from './protections-21-to-30.js';
import { PROTECTIONS_31_TO_40 } from './protections-31-to-40.js';
import { PROTECTIONS_36_TO_40 } from './protections-36-to-40.js';

/** What protects in each scenario, and the tests that notice when it is gone. */
export const PROTECTIONS: readonly Protection[] = [
  ...PROTECTIONS_1_TO_10,
  ...PROTECTIONS_11_TO_20,
  ...PROTECTIONS_17_TO_22,
  ...PROTECTIONS_21_TO_30,
  ...PROTECTIONS_31_TO_40,
  ...PROTECTIONS_36_TO_40,
];
