import { Injectable, Logger } from '@nestjs/common';
import {
  type Envelope,
  HandledStamp,
  MessageIdStamp,
  type Middleware,
  type Next,
  ReceivedStamp,
  SentStamp,
} from 'nestjs-messenger';
import { TenantStamp } from '../tenancy/tenant.stamp.js';

/**
 * Logs what became of every message: one line when it is dispatched, one each time a worker has received it. The message id
 * is the same in all of them.
 */
@Injectable()
export class AuditMiddleware implements Middleware {
  private readonly logger = new Logger('Audit');

  async handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const startedAt = performance.now();
    try {
      const result = await next(envelope);
      this.logger.log(`${describe(result)} ${outcomeOf(result)} in ${millisecondsSince(startedAt)} ms`);
      return result;
    } catch (error) {
      this.logger.warn(`${describe(envelope)} failed after ${millisecondsSince(startedAt)} ms`);
      throw error;
    }
  }
}

function describe(envelope: Envelope): string {
  const id = envelope.last(MessageIdStamp)?.id.slice(0, 8);
  const tenant = envelope.last(TenantStamp)?.tenant;
  const source = envelope.last(ReceivedStamp)?.transportName;
  return [
    envelope.message.constructor.name,
    ...(id === undefined ? [] : [id]),
    ...(tenant === undefined ? [] : [`of tenant "${tenant}"`]),
    ...(source === undefined ? [] : [`from "${source}"`]),
  ].join(' ');
}

function outcomeOf(envelope: Envelope): string {
  const transports = envelope.all(SentStamp).map(({ transportName }) => `"${transportName}"`);
  return transports.length > 0
    ? `sent to ${transports.join(', ')}`
    : `handled by ${envelope.all(HandledStamp).length} handler(s)`;
}

function millisecondsSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
