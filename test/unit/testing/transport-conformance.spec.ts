import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import type { ConformanceCase } from '../../../lib/testing/conformance/conformance-options.js';
import type { TransportFeatures } from '../../../lib/testing/conformance/transport-features.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { FAULTY_CAPABILITIES } from './faulty-capabilities.js';
import { FAULTY_LOCKS } from './faulty-locks.js';
import { FAULTY_TRANSPORTS } from './faulty-transports.js';

const FEATURES: TransportFeatures = { secondConsumer: false, signals: false, roll: false, ping: false };

function casesFor(Transport: typeof InMemoryTransport, features = FEATURES): readonly ConformanceCase[] {
  return transportConformance({
    name: 'it',
    create({ serializer, leaseDuration }) {
      const clock = new FakeClock();
      const transport = new Transport({ clock, serializer, redeliverTimeout: leaseDuration / 1000 });
      return {
        transport,
        other: () => new InMemoryTransport({ clock, serializer }),
        insertRaw: async (encoded) => {
          await transport.send([new Envelope<object>(new UndecodableMessage(encoded))]);
        },
        advance: (ms) => clock.advance(ms),
      };
    },
    features,
    // What does not come at once by a fake clock never will.
    patience: 100,
    punctuality: 100,
  });
}

function caseFor(Transport: typeof InMemoryTransport, name: string): ConformanceCase {
  const found = casesFor(Transport).find((each) => each.name === `it ${name}`);
  expect(found, `There is no case "it ${name}".`).toBeDefined();
  return found!;
}

describe('transportConformance', () => {
  it.each([...FAULTY_TRANSPORTS, ...FAULTY_CAPABILITIES, ...FAULTY_LOCKS])(
    'notices a transport that %s',
    async (_, Transport, noticedBy) => {
      await expect(caseFor(Transport, noticedBy).run()).rejects.toThrow();
      await caseFor(InMemoryTransport, noticedBy).run();
    },
  );

  it('gives each case a name of its own', () => {
    const names = casesFor(InMemoryTransport).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('leaves out what a transport cannot do', () => {
    const all = casesFor(InMemoryTransport).map(({ name }) => name);
    const few = casesFor(InMemoryTransport, { ...FEATURES, delay: false, listing: false }).map(
      ({ name }) => name,
    );
    expect(few.length).toBeLessThan(all.length);
    expect(few.filter((name) => /delay|list|finds/.test(name) && !all.includes(name))).toEqual([]);
    expect(few.filter((name) => /delayed|lists|finds/.test(name))).toEqual([]);
  });

  it('gives each case a queue of its own, and cleans up after it whether it passes or not', async () => {
    const queues: string[] = [];
    const cleanedUp: string[] = [];
    const outcomes: string[] = [];
    for (const Transport of [InMemoryTransport, FAULTY_TRANSPORTS[0]![1]]) {
      const cases = transportConformance({
        create({ queueName, leaseDuration, serializer }) {
          queues.push(queueName);
          const clock = new FakeClock();
          return {
            transport: new Transport({ clock, serializer, redeliverTimeout: leaseDuration / 1000 }),
            advance: (ms) => clock.advance(ms),
            cleanup: () => void cleanedUp.push(queueName),
          };
        },
        features: FEATURES,
      });
      const run = cases.find(({ name }) => name === 'transport removes a message on ack')!.run();
      outcomes.push(await run.then(() => 'passed', String));
    }
    expect(outcomes).toEqual(['passed', expect.stringContaining('Expected no message, got 1: "a".')]);
    expect(cleanedUp).toEqual(queues);
    expect(new Set(queues).size).toBe(2);
    expect(queues.every((queue) => /^\w{1,60}$/.test(queue))).toBe(true);
  });

  it('says what is missing for a feature that was not denied', async () => {
    const cases = transportConformance({ create: () => ({ transport: new InMemoryTransport() }) });
    const other = cases.find(({ name }) => name.endsWith('to another queue of its broker'));
    await expect(other?.run()).rejects.toThrow(
      'What "create" returns has no "other", which a feature of the transport needs.',
    );
  });
});
