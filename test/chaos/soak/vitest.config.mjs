import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.mts';

/** What lasts as long as one likes is no part of `npm test`. */
const { test, ...rest } = base;

export default mergeConfig(rest, { test: { ...test, include: ['test/chaos/soak/*.run.ts'] } });
