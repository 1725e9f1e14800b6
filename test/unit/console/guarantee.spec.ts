import { describe, expect, it } from 'vitest';
import { guaranteeOf, type TransportWay } from '../../../lib/console/guarantee.js';
import type { Transport } from '../../../lib/transport/transport.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

const plain: Transport = new RecordingTransport();

const guarantee = (way: Partial<TransportWay>): string =>
  guaranteeOf({
    name: 'async',
    transport: plain,
    outbox: undefined,
    failure: undefined,
    handlers: [],
    idempotent: [],
    signature: undefined,
    ...way,
  }).join('\n');

describe('what is guaranteed', () => {
  it('is that a message is stored, and delivered at least once', () => {
    expect(guarantee({})).toMatch(/^dispatch resolves when "async" has stored it, .*\nAt least once: /);
  });

  it('is less where messages are kept in the process', () => {
    expect(guarantee({ transport: new InMemoryTransport() })).toMatch(/^It is kept in this process only: /);
  });

  it('is more with an outbox, and with an inbox', () => {
    expect(guarantee({ outbox: 'db' })).toMatch(
      /^dispatch resolves when it is stored in the outbox of "async" in "db"/,
    );
    const text = guarantee({ handlers: ['A.handle', 'B.handle'], idempotent: ['B.handle'] });
    expect(text).toContain(
      'has to bear that: "A.handle".\nThese do their work once, by the inbox: "B.handle".',
    );
  });

  it('says which steps are atomic', () => {
    const memory = new InMemoryTransport();
    expect(guarantee({ transport: memory })).toContain('A retry is one atomic step with settling it');
    expect(
      guarantee({ transport: memory, failure: { name: 'failed', transport: new InMemoryTransport() } }),
    ).toContain('A retry, and the move to "failed", is one atomic step');
    expect(guarantee({ transport: memory, failure: { name: 'failed', transport: plain } })).toContain(
      'The move to "failed" is not: a crash in between doubles it',
    );
    expect(guarantee({ failure: { name: 'failed', transport: plain } })).toContain(
      'A retry, and the move to "failed", is stored before the original is settled',
    );
  });
});
