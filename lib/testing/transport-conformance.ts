import { randomUUID } from 'node:crypto';
import type { CaseDefinition } from './conformance/case-definition.js';
import { ConformanceMessage } from './conformance/conformance-message.js';
import type { ConformanceCase, TransportConformanceOptions } from './conformance/conformance-options.js';
import { conformanceSerializer } from './conformance/conformance-serializer.js';
import { CONTENT_CASES } from './conformance/content.cases.js';
import { DEDUPLICATION_CASES } from './conformance/deduplication.cases.js';
import { DELAY_CASES } from './conformance/delay.cases.js';
import { INSPECTION_CASES } from './conformance/inspection.cases.js';
import { LEASE_CASES } from './conformance/lease.cases.js';
import { LIFECYCLE_CASES } from './conformance/lifecycle.cases.js';
import { LOAD_CASES } from './conformance/load.cases.js';
import { RECEIVING_CASES } from './conformance/receiving.cases.js';
import { RELEASE_CASES } from './conformance/release.cases.js';
import { REQUEUE_CASES } from './conformance/requeue.cases.js';
import { ROLL_CASES } from './conformance/roll.cases.js';
import { SENDING_CASES } from './conformance/sending.cases.js';
import { SETTLING_CASES } from './conformance/settling.cases.js';
import { SIGNAL_CASES } from './conformance/signal.cases.js';
import { Trial } from './conformance/trial.js';
import { UNDECODABLE_CASES } from './conformance/undecodable.cases.js';
import { WAITING_CASES } from './conformance/waiting.cases.js';

const CASES: readonly CaseDefinition[] = [
  ...SENDING_CASES,
  ...RECEIVING_CASES,
  ...SETTLING_CASES,
  ...LEASE_CASES,
  ...RELEASE_CASES,
  ...DELAY_CASES,
  ...WAITING_CASES,
  ...UNDECODABLE_CASES,
  ...REQUEUE_CASES,
  ...INSPECTION_CASES,
  ...SIGNAL_CASES,
  ...ROLL_CASES,
  ...DEDUPLICATION_CASES,
  ...LIFECYCLE_CASES,
  ...CONTENT_CASES,
  ...LOAD_CASES,
];

/** Long enough for any pause of a busy machine: in cases that are not about leases, none must run out. */
const LONG_LEASE_MS = 60_000;

/**
 * What every transport has to do, as a list of tests for any runner. Each makes a transport of its own, uses it as a
 * worker would, and removes it. The features a transport lacks decide which tests are left out.
 *
 * ```ts
 * const cases = transportConformance({
 *   name: 'my transport',
 *   create: (context) => ({ transport: new MyTransport(context.queueName, context.serializer) }),
 *   features: { listing: false, claiming: false },
 * });
 * it.each(cases)('$name', ({ run }) => run(), 30_000);                       // Vitest and Jest
 * cases.forEach(({ name, run }) => test(name, { timeout: 30_000 }, run));    // node:test
 * ```
 */
export function transportConformance(options: TransportConformanceOptions): readonly ConformanceCase[] {
  const { name = 'transport', features = {} } = options;
  return CASES.filter(({ needs = [] }) => needs.every((feature) => features[feature] ?? true)).map(
    (definition) => ({
      name: `${name} ${definition.name}`,
      run: () => runCase(definition, options),
    }),
  );
}

async function runCase(definition: CaseDefinition, options: TransportConformanceOptions): Promise<void> {
  const {
    name = 'transport',
    features = {},
    shortLease = 300,
    punctuality = 1000,
    patience = 5000,
  } = options;
  const context = {
    transportName: name,
    serializer: conformanceSerializer(),
    queueName: `conformance_${randomUUID().replaceAll('-', '_')}`,
    leaseDuration: definition.lease === 'short' ? shortLease : LONG_LEASE_MS,
    messages: [ConformanceMessage],
  };
  const subject = await options.create(context);
  const trial = new Trial(
    subject,
    context,
    { patience, punctuality },
    (feature) => features[feature] ?? true,
  );
  try {
    await definition.run(trial);
  } finally {
    await trial.end();
  }
}
