import type { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { TransportError } from '../../errors/transport.error.js';
import type { Serializer } from '../../serializer/serializer.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import type {
  Claimable,
  Closeable,
  DeduplicationLocks,
  DeduplicationStore,
  Inbox,
  InboxStore,
  KeepaliveAware,
  Listable,
  Located,
  MessageCountAware,
  MessageCounts,
  OutboxStore,
  Pingable,
  Releasable,
  Requeueable,
  RequeueItem,
  RollKeeper,
  Setupable,
  SetupScript,
  SignalAware,
  Transactional,
  WorkerRoll,
} from '../../transport/capabilities.js';
import type { TransportContext } from '../../transport/transport-factory.js';
import { claimOf, settleClaims } from '../../transport/claims.js';
import type { Diagnosable } from '../../transport/diagnosable.js';
import type { GetOptions, Sender, SettleResult, Transport } from '../../transport/transport.js';
import { listRows } from './sql.listing.js';
import type {
  SqlConsumer,
  SqlPages,
  SqlQueue,
  SqlSignals,
  SqlTable,
  SqlTransactionWriter,
} from './sql.queue.js';
import { decodeRow, encodeRow } from './sql.row-codec.js';
import type { Claim, EncodedRow, MessageRow } from './sql.rows.js';
import { SqlReceivedStamp } from './sql.stamps.js';

/** Where a transport keeps its rows: what the transports of one database share. */
export interface SqlPlace {
  /** What the database is called in errors, without secrets. */
  readonly description: string;
}

/** What an {@link SqlTransport} is made of. */
export interface SqlTransportParts {
  /** One object for all transports that can exchange rows in one step. */
  readonly place: SqlPlace;
  readonly location: string;
  readonly table: SqlTable;
  readonly queue: SqlQueue;
  readonly consumer: SqlConsumer;
  readonly pages: SqlPages;
  readonly signals: SqlSignals;
  readonly locks: DeduplicationLocks;
  readonly inbox: Inbox;
  readonly roll: WorkerRoll;
  readonly writer: SqlTransactionWriter;
  /** Makes the outbox for a transport: a queue of its own in the same table. */
  readonly outboxOf: (targetName: string, context: TransportContext) => SqlTransport;
  /** Ends every wait. */
  readonly closing: AbortController;
}

type Capabilities = Setupable &
  SetupScript &
  Closeable &
  DeduplicationStore &
  MessageCountAware &
  Listable &
  Located &
  Claimable &
  KeepaliveAware &
  Releasable &
  Requeueable &
  SignalAware &
  RollKeeper &
  Pingable &
  InboxStore &
  Transactional &
  OutboxStore;

/**
 * Keeps messages in a table: envelopes in and out, in terms of an {@link SqlQueue} of rows.
 *
 * A message is delivered at least once: again if the process that received it ends, or stops prolonging its lease, before
 * it settled it. Made by the factories of the SQL databases.
 */
export class SqlTransport implements Transport, Capabilities {
  readonly location: string;
  readonly locks: DeduplicationLocks;
  readonly inbox: Inbox;
  readonly roll: WorkerRoll;
  readonly diagnose: Diagnosable['diagnose'] = () => this.#parts.table.diagnose();
  readonly #name: string;
  readonly #serializer: Serializer;
  readonly #parts: SqlTransportParts;
  readonly #context: TransportContext;
  /** Not there if the database cannot tell. */
  readonly onSignal?: (listener: () => void) => () => void;
  #closed: Promise<void> | undefined;

  constructor(parts: SqlTransportParts, context: TransportContext) {
    const { signals } = parts;
    if (signals.onSignal !== undefined) {
      this.onSignal = (listener) => signals.onSignal?.(listener) ?? (() => undefined);
    }
    this.location = parts.location;
    this.locks = parts.locks;
    this.inbox = parts.inbox;
    this.roll = parts.roll;
    this.#name = context.transportName;
    this.#serializer = context.serializer;
    this.#context = context;
    this.#parts = parts;
  }

  get leaseDuration(): number {
    return this.#queue.leaseDuration;
  }

  async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    if (envelopes.length === 0) {
      return [];
    }
    return withIds(envelopes, await this.#queue.insert(this.#encode(envelopes)));
  }

  async sendIn(transaction: object, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    return withIds(envelopes, await this.#parts.writer.insert(transaction, this.#encode(envelopes)));
  }

  /** A queue of its own in the same table. */
  outboxOf(targetName: string, serializer: Serializer): SqlTransport {
    return this.#parts.outboxOf(targetName, { ...this.#context, serializer });
  }

  async get({ max = 1, wait = 0, signal }: GetOptions = {}): Promise<readonly Envelope[]> {
    return this.#receive(await this.#parts.consumer.next(max, wait, signal));
  }

  async claim(id: string): Promise<Envelope | undefined> {
    const rowId = rowIdOf(id);
    return rowId === undefined ? undefined : this.#receive(await this.#queue.claimOne(rowId)).at(0);
  }

  async ack(envelopes: readonly Envelope[]): Promise<SettleResult> {
    return this.#settle(envelopes, (claims) => this.#queue.remove(claims));
  }

  async reject(envelopes: readonly Envelope[]): Promise<SettleResult> {
    return this.ack(envelopes);
  }

  async release(
    envelopes: readonly Envelope[],
    { delay = 0 }: { readonly delay?: number } = {},
  ): Promise<SettleResult> {
    return this.#settle(envelopes, (claims) => this.#queue.release(claims, delay));
  }

  async keepalive(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    return (await this.#settle(envelopes, (claims) => this.#queue.prolong(claims))).lost;
  }

  /** Accepts every transport on the same database that the same factory made. */
  canRequeueTo(target: Sender): boolean {
    return target instanceof SqlTransport && target.#parts.place === this.#parts.place;
  }

  /**
   * @throws TransportError when `to` is none that {@link canRequeueTo} accepts; MessageEncodingFailedError when a copy cannot
   * be encoded. Nothing is changed then.
   */
  async requeue(items: readonly RequeueItem[]): Promise<SettleResult> {
    const replacements = items.map(({ received, copy, to }) => {
      const target = this.#siblingOf(to);
      return {
        claimed: this.#claimOf(received),
        row: encodeRow(target.#serializer, copy),
        to: target.#queue,
      };
    });
    return this.#settle(
      items.map(({ received }) => received),
      () => this.#queue.replace(replacements),
    );
  }

  async messageCount(): Promise<MessageCounts> {
    return this.#parts.pages.counts();
  }

  /** In the order in which the messages are due. */
  async *all(limit: number = Number.POSITIVE_INFINITY): AsyncGenerator<Envelope> {
    for await (const row of listRows(this.#parts.pages, limit)) {
      yield this.#decode(row, []);
    }
  }

  async find(id: string): Promise<Envelope | undefined> {
    const rowId = rowIdOf(id);
    const row = rowId === undefined ? undefined : await this.#parts.pages.find(rowId);
    return row === undefined ? undefined : this.#decode(row, []);
  }

  async writeSignal(name: string): Promise<void> {
    await this.#parts.signals.write(name);
  }

  async readSignal(name: string): Promise<number | undefined> {
    return this.#parts.signals.read(name);
  }

  async ping(): Promise<void> {
    await this.#parts.table.ping();
  }

  async setup(): Promise<void> {
    await this.#parts.table.setup();
  }

  setupSql(): readonly string[] {
    return this.#parts.table.setupSql();
  }

  async close(): Promise<void> {
    this.#parts.closing.abort();
    this.#closed ??= this.#parts.table.close();
    await this.#closed;
  }

  get #queue(): SqlQueue {
    return this.#parts.queue;
  }

  #encode(envelopes: readonly Envelope[]): readonly EncodedRow[] {
    return envelopes.map((envelope) => encodeRow(this.#serializer, envelope));
  }

  #receive(claim: Claim | undefined): readonly Envelope[] {
    return (
      claim?.rows.map((row) => {
        const received = new SqlReceivedStamp(row.id, claim.owner);
        return this.#decode(
          row,
          row.delivery_count > 1 ? [received, new RedeliveredStamp(row.delivery_count)] : [received],
        );
      }) ?? []
    );
  }

  #decode(row: MessageRow, stamps: readonly Stamp[]): Envelope {
    return decodeRow(this.#serializer, row, [new TransportMessageIdStamp(String(row.id)), ...stamps]);
  }

  #settle(
    envelopes: readonly Envelope[],
    settle: (claims: readonly SqlReceivedStamp[]) => Promise<readonly boolean[]>,
  ): Promise<{ readonly lost: readonly Envelope[] }> {
    return settleClaims(envelopes, (envelope) => this.#claimOf(envelope), settle);
  }

  #claimOf(envelope: Envelope): SqlReceivedStamp {
    return claimOf(this.#name, envelope, SqlReceivedStamp);
  }

  #siblingOf(target: Sender): SqlTransport {
    if (target instanceof SqlTransport && this.canRequeueTo(target)) {
      return target;
    }
    throw new TransportError(
      this.#name,
      `can requeue only to transports on ${this.#parts.place.description}. Ask canRequeueTo() first.`,
    );
  }
}

function withIds(envelopes: readonly Envelope[], ids: readonly number[]): readonly Envelope[] {
  return envelopes.map((envelope, index) =>
    envelope.without(TransportMessageIdStamp).with(new TransportMessageIdStamp(String(ids[index]))),
  );
}

/** The row a message id names; nothing if it can be none of ours. */
function rowIdOf(id: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined;
}
