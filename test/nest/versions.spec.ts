import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AsMessage,
  Envelope,
  type EncodedEnvelope,
  ErrorDetailsStamp,
  getTransportToken,
  MessageHandler,
  type MessengerOptions,
  UndecodableMessage,
  ValidationMiddleware,
  WorkerFactory,
} from 'nestjs-messenger';
import { InMemoryTransport, processMessages } from 'nestjs-messenger/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { bootApp } from './support/application.js';

class Known {}

@AsMessage({ name: 'versions-test.of-tomorrow' })
class OfTomorrow {
  constructor(readonly id: number) {}
}

@AsMessage({ name: 'versions-test.transfer', aliases: ['versions-test.former'] })
class Transfer {
  static readonly schema = z.object({
    amount: z.number().positive(),
    lines: z.array(z.object({ no: z.number() })),
  });
  constructor(
    readonly amount: number,
    readonly lines: readonly object[],
  ) {}
}

@MessageHandler(Known)
class OldHandler {
  handle(): void {}
}

@MessageHandler(OfTomorrow)
class NewHandler {
  readonly handled: number[] = [];

  handle({ id }: OfTomorrow): void {
    this.handled.push(id);
  }
}

@MessageHandler(Transfer)
class TransferHandler {
  readonly handled: Transfer[] = [];

  handle(transfer: Transfer): void {
    this.handled.push(transfer);
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-versions-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a message of a type that only newer workers know', () => {
  it('is tried again until one of them has it, and is nothing that an old one loses', async () => {
    const dsn = `sqlite:${join(temporaryFolder(), 'messenger.db')}`;
    const options: MessengerOptions = {
      transports: { async: { dsn, retry: { delay: 1, jitter: 0 } }, failed: `${dsn}?queue_name=failed` },
      failureTransport: 'failed',
      routing: [[OfTomorrow, 'async']],
    };
    const { routing: _, ...ofOld } = options;
    const old = await bootApp({ providers: [OldHandler], options: ofOld });
    const newer = await bootApp({ providers: [NewHandler], options });
    await newer.bus.dispatch(new OfTomorrow(7));

    await old.app.get(WorkerFactory).create(['async'], { limit: 1 }).run();
    await newer.app.get(WorkerFactory).create(['async'], { limit: 1 }).run();

    expect(old.logger.texts('warn')).toEqual([
      expect.stringMatching(/"versions-test.of-tomorrow" is not known here\..+ Retry 1 in 1 ms\.$/),
    ]);
    expect(newer.app.get(NewHandler).handled).toEqual([7]);
  });
});

describe('a message of another version of its type', () => {
  const BYTES = 'in-memory://?serialize=true';
  const options: MessengerOptions = {
    transports: { async: BYTES, failed: BYTES },
    failureTransport: 'failed',
    buses: { command: { middleware: [ValidationMiddleware] } },
  };

  async function setup() {
    const { app } = await bootApp({ providers: [TransferHandler], options });
    const transport = (name: string) => app.get<InMemoryTransport>(getTransportToken(name));
    const insert = (encoded: EncodedEnvelope) =>
      transport('async').send([new Envelope<object>(new UndecodableMessage(encoded))]);
    return { app, transport, insert, handler: app.get(TransferHandler) };
  }

  it('that does not satisfy the schema reaches no handler: it fails at once, and the error names the field', async () => {
    const { app, transport, insert, handler } = await setup();
    const body = '{"amount":1,"lines":[{"no":1},{"number":2}]}';
    await insert({ body, headers: { type: 'versions-test.transfer' } });

    expect(await processMessages(app, 'async')).toEqual({ processed: 1, failed: 1 });

    expect(handler.handled).toEqual([]);
    expect(transport('failed').queue.map((each) => each.last(ErrorDetailsStamp)?.errorMessage)).toEqual([
      expect.stringMatching(/^Message "Transfer" is not valid: lines\.1\.no: /),
    ]);
  });

  it('that has its former name and more fields is handled', async () => {
    const { app, insert, handler } = await setup();
    const body = '{"amount":1,"lines":[],"currency":"EUR"}';
    await insert({ body, headers: { type: 'versions-test.former' } });

    await processMessages(app, 'async');

    expect(handler.handled).toEqual([expect.any(Transfer)]);
    expect(handler.handled).toMatchObject([{ amount: 1, currency: 'EUR' }]);
  });
});
