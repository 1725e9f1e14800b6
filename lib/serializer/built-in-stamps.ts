import type { Stamp, StampType } from '../envelope/stamp.js';
import { BusNameStamp } from '../stamp/bus-name.stamp.js';
import { DeduplicateStamp } from '../stamp/deduplicate.stamp.js';
import { DeduplicationLockStamp } from '../stamp/deduplication-lock.stamp.js';
import { DelayStamp } from '../stamp/delay.stamp.js';
import { ErrorDetailsStamp, type FlattenedError } from '../stamp/error-details.stamp.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { MessageIdStamp } from '../stamp/message-id.stamp.js';
import { OutboxStamp } from '../stamp/outbox.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import { SerializerStamp } from '../stamp/serializer.stamp.js';
import { TransportNamesStamp } from '../stamp/transport-names.stamp.js';
import { ValidationStamp } from '../stamp/validation.stamp.js';
import type { StampFields } from './stamp-fields.js';

/** How the stamps of one class travel. */
export interface StampForm {
  readonly type: StampType;
  /** The name on the wire. */
  readonly name: string;
  /** What is written in place of the stamp itself. @default the stamp */
  readonly dismantle?: (stamp: Stamp) => object;
  /** Makes the stamp of what was received. @default an instance with these fields, the constructor not called */
  readonly restore?: (fields: StampFields) => Stamp;
  /** Set for stamps that are nothing but one text. Nearly every message has some, so they are spared the general way. */
  readonly text?: TextForm;
}

/** How a stamp that consists of one text is taken apart and made. */
export interface TextForm {
  readonly field: string;
  readonly of: (stamp: Stamp) => string;
  readonly restore: (text: string) => Stamp;
}

/** The sendable stamps of this package. Their names are spelt out: a minifier may change those of the classes. */
export const BUILT_IN_STAMPS: readonly StampForm[] = [
  textForm(
    BusNameStamp,
    'BusNameStamp',
    'busName',
    ({ busName }) => busName,
    (text) => new BusNameStamp(text),
  ),
  {
    type: DeduplicateStamp,
    name: 'DeduplicateStamp',
    restore: (fields) =>
      new DeduplicateStamp(fields.text('key'), fields.number('ttl'), fields.flag('onlyInQueue')),
  },
  {
    type: DeduplicationLockStamp,
    name: 'DeduplicationLockStamp',
    restore: (fields) => new DeduplicationLockStamp(fields.text('transportName'), fields.text('token')),
  },
  { type: DelayStamp, name: 'DelayStamp', restore: (fields) => new DelayStamp(fields.number('delay')) },
  { type: ErrorDetailsStamp, name: 'ErrorDetailsStamp', restore: restoreErrorDetails },
  {
    type: HandledStamp,
    name: 'HandledStamp',
    // A result may be anything, and nobody reads it on the other side.
    dismantle: (stamp) => ({ handlerName: (stamp as HandledStamp).handlerName }),
    restore: (fields) => new HandledStamp(undefined, fields.text('handlerName')),
  },
  textForm(
    MessageIdStamp,
    'MessageIdStamp',
    'id',
    ({ id }) => id,
    (text) => new MessageIdStamp(text),
  ),
  {
    type: OutboxStamp,
    name: 'OutboxStamp',
    restore: (fields) =>
      new OutboxStamp(fields.text('transportName'), fields.has('dueAt') ? fields.count('dueAt') : undefined),
  },
  {
    type: RedeliveryStamp,
    name: 'RedeliveryStamp',
    restore: (fields) => new RedeliveryStamp(fields.count('retryCount'), fields.date('redeliveredAt')),
  },
  textForm(
    SentToFailureTransportStamp,
    'SentToFailureTransportStamp',
    'originalReceiverName',
    ({ originalReceiverName }) => originalReceiverName,
    (text) => new SentToFailureTransportStamp(text),
  ),
  {
    type: SerializerStamp,
    name: 'SerializerStamp',
    restore: (fields) => new SerializerStamp(fields.object('options')),
  },
  {
    type: TransportNamesStamp,
    name: 'TransportNamesStamp',
    restore: (fields) => new TransportNamesStamp(fields.texts('transportNames')),
  },
  {
    type: ValidationStamp,
    name: 'ValidationStamp',
    restore: (fields) => new ValidationStamp(fields.texts('groups')),
  },
];

function textForm<S extends Stamp>(
  type: StampType<S>,
  name: string,
  field: string,
  of: (stamp: S) => string,
  restore: (text: string) => S,
): StampForm {
  return {
    type,
    name,
    restore: (fields) => restore(fields.text(field)),
    text: { field, of: (stamp) => of(stamp as S), restore },
  };
}

function restoreErrorDetails(fields: StampFields): ErrorDetailsStamp {
  return new ErrorDetailsStamp(
    fields.text('errorClass'),
    fields.textOrNumber('errorCode'),
    fields.text('errorMessage'),
    fields.date('failedAt'),
    fields.text('host'),
    fields.has('flattened') ? (fields.object('flattened') as unknown as FlattenedError) : undefined,
  );
}
