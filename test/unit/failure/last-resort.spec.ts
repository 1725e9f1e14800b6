import { describe, expect, it } from 'vitest';
import { AsStamp } from '../../../lib/decorator/as-stamp.decorator.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { Stamp } from '../../../lib/envelope/stamp.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { JsonSerializer } from '../../../lib/serializer/json.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { collect, createCore, handler } from '../../fixtures/core.js';

class Task {
  constructor(readonly id: number) {}
}

@AsStamp('ballast')
class BallastStamp extends Stamp {
  constructor(readonly text: string) {
    super();
  }
}

function setup(wrap: (json: Serializer) => Serializer) {
  const registry = new MessageRegistry();
  registry.register(Task);
  const serializer = wrap(new JsonSerializer({ registry, stamps: new StampRegistry([BallastStamp]) }));
  const async = new InMemoryTransport({ transportName: 'async', serializer });
  const failed = new InMemoryTransport({ transportName: 'failed', serializer });
  const core = createCore({
    transports: { async, failed },
    handlers: [handler('H', Task, () => Promise.reject(new Error(`No. ${'x'.repeat(5000)}`)))],
    policies: { async: { failureTransport: 'failed' } },
  });
  return {
    ...core,
    async,
    failed,
    drain: () => core.workers.create(['async'], { stopWhenIdle: true }).run(),
  };
}

describe('a failed message always gets into the failure transport', () => {
  it('even if its stamps leave no room for the history of its failure', async () => {
    const core = setup((json) => json);
    const ballast = new BallastStamp('x'.repeat(1024 * 1024 - 300));
    await core.async.send([new Envelope(new Task(1), [ballast])]);

    await core.drain();

    const [kept] = await collect(core.failedMessages.list('failed'));
    expect(kept).toMatchObject({ failedFrom: 'async', undecodable: undefined });
    expect(kept?.attempts).toHaveLength(1);
    expect(kept?.envelope.message).toEqual(new Task(1));
  });

  it('even if its serializer cannot encode what it has decoded', async () => {
    const core = setup((json) => ({
      encode: (envelope: Envelope): EncodedEnvelope => {
        if (envelope.has(ErrorDetailsStamp)) {
          throw new MessageEncodingFailedError('Task', 'this serializer knows no errors.');
        }
        return json.encode(envelope);
      },
      decode: (encoded: EncodedEnvelope) => json.decode(encoded),
    }));
    await core.async.send([new Envelope(new Task(1))]);

    await core.drain();

    const [kept] = core.failed.queue;
    expect(kept?.message).toEqual(new Task(1));
    expect(kept?.last(SentToFailureTransportStamp)?.originalReceiverName).toBe('async');
    expect(kept?.last(ErrorDetailsStamp)?.errorMessage).toHaveLength(200);
    expect(await core.async.messageCount()).toMatchObject({ ready: 0, delayed: 0, inFlight: 0 });
  });
});
