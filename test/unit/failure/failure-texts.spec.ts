import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { asSentence } from '../../../lib/failure/as-sentence.js';
import { describeFailure } from '../../../lib/failure/describe-failure.js';
import { summarizeError } from '../../../lib/failure/flatten-error.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';

@AsMessage({ name: 'order.placed' })
class OrderPlaced {}

function failureOf(message: object, error: unknown): string {
  return describeFailure(new Envelope<object>(message), 'async', error);
}

describe('what the log says of a failure', () => {
  it('names the message as it is called on the wire, and ends with a full stop', () => {
    expect(failureOf(new OrderPlaced(), new Error('SMTP says no'))).toBe(
      'Handling "order.placed" from transport "async" failed on attempt 1: SMTP says no.',
    );
  });

  it('names one that cannot be decoded by the type it claims to have', () => {
    const claiming = (headers: Record<string, string>) =>
      failureOf(new UndecodableMessage({ body: '{', headers }), new Error('broken'));

    expect(claiming({ type: 'order.placed' })).toContain('Handling "order.placed" from');
    expect(claiming({})).toContain('Handling "unknown" from');
  });

  it.each([
    ['no', 'no.'],
    ['no.', 'no.'],
    ['why?', 'why?'],
    ['go!', 'go!'],
    ['and so on…', 'and so on…'],
    ['he said "no."', 'he said "no."'],
    ['connect 127.0.0.1:25', 'connect 127.0.0.1:25.'],
    ['no\n', 'no.'],
  ])('makes a sentence of %j', (text, sentence) => {
    expect(asSentence(text)).toBe(sentence);
  });
});

describe('the stack of a failure', () => {
  const lib = resolve(__dirname, '../../../lib');
  const handler = '    at Mailer.send (/srv/app/dist/mailer.js:3:9)';
  const machinery = [
    `    at HandlerRunner.run (${join(lib, 'handler', 'handler-runner.js')}:61:20)`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:103:5)',
    '    at async Worker.run (/srv/app/node_modules/nestjs-messenger/dist/lib/worker/worker.js:9:9)',
    '    at Injector.load (C:\\app\\node_modules\\@nestjs\\core\\injector\\injector.js:1:1)',
  ];

  function stackOf(...frames: readonly string[]): string[] {
    const error = new Error('no');
    error.stack = ['Error: no', ...frames].join('\n');
    return summarizeError(error).flattened.stack?.split('\n') ?? [];
  }

  it('leaves out what is below every handler', () => {
    expect(stackOf(handler, ...machinery)).toEqual(['Error: no', handler]);
  });

  it('looks for the application behind many frames that are not, and shows 20 lines', () => {
    const many = Array.from({ length: 10 }, () => machinery).flat();

    expect(stackOf(...many, handler)).toEqual(['Error: no', handler]);
    expect(stackOf(...Array.from({ length: 50 }, () => handler))).toHaveLength(20);
  });

  it('stays whole if nothing would be left', () => {
    expect(stackOf(...machinery)).toEqual(['Error: no', ...machinery]);
  });
});
