import type { Finding } from '../../../transport/finding.js';
import { IN_MEMORY } from './sqlite.options.js';

/**
 * What the settings of a connection mean for what was committed.
 *
 * @param synchronous how it is set.
 */
export function sqliteFindings(file: string, synchronous: 'normal' | 'full'): readonly Finding[] {
  // That a database in memory is forgotten is told of every transport that forgets.
  return synchronous === 'full' || file === IN_MEMORY
    ? []
    : [
        {
          code: 'sqlite.synchronous',
          level: 'advice',
          problem: `"synchronous" is "normal" for "${file}": a power failure, not a crash of the process, may undo the last commits.`,
          remedy:
            'Leave it if that will do; otherwise add "synchronous=full" to the DSN, which makes dispatching slower.',
        },
      ];
}
