import { Injectable, Module, ServiceUnavailableException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import {
  getTransportToken,
  MessageHandler,
  type MessengerOptions,
  ModuleMissingError,
  type Transport,
  UnknownTransportError,
} from 'nestjs-messenger';
import { MessengerHealthIndicator } from 'nestjs-messenger/health';
import { FakeClock, InMemoryTransport, MESSENGER_CLOCK } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { InProcessWorkers } from '../../lib/module/in-process-workers.js';
import type { RollEntry } from '../../lib/transport/capabilities.js';
import { rejectionOf } from '../fixtures/core.js';
import { RecordingTransport } from '../fixtures/recording-transport.js';
import { bootApp } from './support/application.js';

class Job {}

@Injectable()
class Jobs {
  @MessageHandler(Job)
  handle(): void {}
}

/** A broker that does as it is told. */
class FakeBroker extends RecordingTransport {
  pinged: () => Promise<void> = async () => undefined;
  blockedReason: string | undefined;
  counts = { ready: 0, oldestAge: 0 };
  listed: readonly RollEntry[] = [];
  readonly roll = {
    place: 'here',
    enter: async () => undefined,
    leave: async () => undefined,
    entries: async () => this.listed,
  };

  ping(): Promise<void> {
    return this.pinged();
  }

  async messageCount() {
    return this.counts;
  }
}

async function setup(options: MessengerOptions = {}, transport: Transport = new FakeBroker()) {
  const clock = new FakeClock();
  const { app } = await bootApp({
    options: { transports: { async: 'in-memory://', other: 'in-memory://' }, ...options },
    imports: [TerminusModule.forRoot({ logger: false })],
    providers: [MessengerHealthIndicator, Jobs],
    override: (builder) =>
      builder
        .overrideProvider(MESSENGER_CLOCK)
        .useValue(clock)
        .overrideProvider(getTransportToken('async'))
        .useValue(transport),
  });
  return { app, clock, indicator: app.get(MessengerHealthIndicator), broker: transport as FakeBroker };
}

/** What a worker elsewhere says of itself. */
function entry(more: object, age: number): RollEntry {
  const details = {
    id: 'h:1:a',
    host: 'h',
    pid: 1,
    transports: ['async'],
    startedAt: 0,
    saidAt: 100_000,
    inHand: 0,
    concurrency: 1,
    isStopping: false,
    polledAt: { async: 99_000 },
    ...more,
  };
  return { id: 'h:1:a', details: JSON.stringify(details), age };
}

describe('the health indicator', () => {
  it('says that an application whose brokers answer is up, in the form of Terminus', async () => {
    const { indicator } = await setup();

    expect(await indicator.check('messenger')).toEqual({
      messenger: { status: 'up', transports: { async: { status: 'up' }, other: { status: 'up' } } },
    });
  });

  it('tells which broker does not answer, and why', async () => {
    const { indicator, broker } = await setup();
    broker.pinged = () => Promise.reject(new Error('the connection was refused'));

    expect(await indicator.check('m')).toEqual({
      m: {
        status: 'down',
        transports: {
          async: { status: 'down', reason: 'the connection was refused.' },
          other: { status: 'up' },
        },
      },
    });
  });

  it('does not wait for one for ever', async () => {
    const { indicator, broker } = await setup();
    broker.pinged = () => new Promise(() => undefined);

    expect(await indicator.check('m', { timeout: 20, transports: ['async'] })).toEqual({
      m: {
        status: 'down',
        transports: { async: { status: 'down', reason: 'It has not answered for 20 ms.' } },
      },
    });
  });

  it('tells of a broker that takes no messages', async () => {
    const { indicator, broker } = await setup();
    broker.blockedReason = 'low on memory';

    expect((await indicator.check('m', { transports: ['async'] })).m.transports).toEqual({
      async: {
        status: 'down',
        reason: 'It takes no messages at present: low on memory.',
        blocked: 'low on memory',
      },
    });
  });

  it.each([
    [{ maxBacklog: 9 }, 'up', undefined],
    [{ maxBacklog: 8 }, 'down', '9 messages are ready (allowed: 8).'],
    [{ maxBacklogAge: 5000 }, 'up', undefined],
    [{ maxBacklogAge: 4999 }, 'down', 'A message has been ready for 5000 ms (allowed: 4999).'],
  ])('looks at the backlog if it is asked to: %j', async (limits, status, reason) => {
    const { indicator, broker } = await setup();
    broker.counts = { ready: 9, oldestAge: 5000 };

    expect((await indicator.check('m', { ...limits, transports: ['async'] })).m.transports['async']).toEqual({
      status,
      ...(reason !== undefined && { reason }),
      backlog: 9,
      backlogAge: 5000,
    });
  });

  it.each([
    ['nobody', [], 'down', null, 'No worker consumes it.'],
    ['one that has asked 6 s ago', [entry({}, 5000)], 'up', 6000, undefined],
    [
      'one that has not asked for 61 s',
      [entry({}, 60_000)],
      'down',
      61_000,
      'No worker has asked it for messages for 61000 ms (allowed: 60000).',
    ],
    [
      'one that has its hands full',
      [entry({ inHand: 1, polledAt: { async: 0 } }, 10_000)],
      'up',
      10_000,
      undefined,
    ],
    ['one that stops', [entry({ isStopping: true }, 1000)], 'down', null, 'No worker consumes it.'],
    [
      'one of another transport',
      [entry({ polledAt: { other: 1 } }, 0)],
      'down',
      null,
      'No worker consumes it.',
    ],
  ])('knows whether a transport is consumed: by %s', async (_, listed, status, pollAge, reason) => {
    const { indicator, broker } = await setup();
    broker.listed = listed;

    const { m } = await indicator.check('m', { maxPollAge: 60_000, transports: ['async'] });

    expect(m.transports['async']).toEqual({ status, pollAge, ...(reason !== undefined && { reason }) });
  });

  it('does not say that nobody consumes it when the list of workers cannot be read', async () => {
    const { indicator, broker } = await setup();
    broker.roll.entries = () => Promise.reject(new Error('out of reach'));

    const { m } = await indicator.check('m', { maxPollAge: 60_000, transports: ['async'] });

    expect(m.transports['async']).toMatchObject({
      status: 'down',
      reason: 'It is not known whether a worker consumes it. out of reach.',
    });
  });

  it('knows the workers of its own process', async () => {
    const { app, indicator, clock } = await setup(
      { workers: [{ receivers: ['async'] }] },
      new InMemoryTransport({ transportName: 'async' }),
    );
    const [state] = app.get(InProcessWorkers).states;
    await expect.poll(() => app.get(InProcessWorkers).states[0]?.polls[0]?.answeredAt).toBeDefined();
    const options = { maxPollAge: 60_000, transports: ['async'] };
    const check = async () => (await indicator.check('m', options)).m;
    expect(await check()).toEqual({
      status: 'up',
      transports: { async: { status: 'up', pollAge: 0 } },
      workers: [{ id: state?.info.id, status: 'up', reasons: [] }],
    });

    await app.get(InProcessWorkers).stop();
    await clock.advance(1);

    expect(await check()).toMatchObject({
      status: 'down',
      workers: [{ status: 'down', reasons: ['The worker stops, or has stopped.'] }],
    });
  });

  it('is an indicator of Terminus', async () => {
    const { app, indicator, broker } = await setup();
    const check = () =>
      app.get(HealthCheckService).check([() => indicator.check('messenger', { transports: ['async'] })]);
    expect(await check()).toMatchObject({
      status: 'ok',
      info: { messenger: { status: 'up', transports: { async: { status: 'up' } } } },
    });

    broker.blockedReason = 'low on memory';
    const error = (await rejectionOf(check())) as ServiceUnavailableException;

    expect(error).toBeInstanceOf(ServiceUnavailableException);
    expect(error.getResponse()).toMatchObject({
      status: 'error',
      error: { messenger: { status: 'down', transports: { async: { blocked: 'low on memory' } } } },
    });
  });

  it('refuses what makes no sense', async () => {
    const { indicator } = await setup();

    expect(await rejectionOf(indicator.check('m', { transports: ['asinc'] }))).toBeInstanceOf(
      UnknownTransportError,
    );
    expect((await rejectionOf(indicator.check('m', { timeout: Number.NaN }))).message).toBe(
      'MessengerHealthIndicator: option "timeout" must be a number from 0 up.',
    );
  });

  it('says what is missing in an application without the module', async () => {
    @Module({ providers: [MessengerHealthIndicator] })
    class Bare {}
    const app = await NestFactory.createApplicationContext(Bare, { logger: false });

    expect(await rejectionOf(app.get(MessengerHealthIndicator).check('m'))).toBeInstanceOf(
      ModuleMissingError,
    );
    await app.close();
  });
});
