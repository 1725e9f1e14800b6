import type { Protection } from '../scenario.js';

export const PROTECTIONS_31_TO_40: readonly Protection[] = [];
