import type { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { TransportError } from '../../errors/transport.error.js';
import type { Serializer } from '../../serializer/serializer.js';
import { RedeliveredStamp } from '../../stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import type {
  Claimable,
  Closeable,
  KeepaliveAware,
  Listable,
  Located,
  MessageCountAware,
  MessageCounts,
  OutboxStore,
  Releasable,
  Requeueable,
  RequeueItem,
  Setupable,
  SignalAware,
  Transactional,
} from '../../transport/capabilities.js';
import type { TransportContext } from '../../transport/transport-factory.js';
import { claimOf, settleClaims } from '../../transport/claims.js';
import type { GetOptions, Sender, SettleResult, Transport } from '../../transport/transport.js';
import type { SqliteConnection } from './sqlite.connection.js';
import { SqliteConsumer } from './sqlite.consumer.js';
import { SqliteListing } from './sqlite.listing.js';
import type { ResolvedSqliteOptions } from './sqlite.options.js';
import { SqliteQueue, type Claim } from './sqlite.queue.js';
import { decodeRow, encodeRow, type EncodedRow } from './sqlite.row-codec.js';
import { SqliteSignals } from './sqlite.signals.js';
import { SqliteReceivedStamp } from './sqlite.stamps.js';
import type { MessageRow } from './sqlite.statements.js';
import { SqliteTable } from './sqlite.table.js';
import { SqliteTransactionWriter } from './sqlite.transaction-writer.js';

type Capabilities = Setupable &
  Closeable &
  MessageCountAware &
  Listable &
  Located &
  Claimable &
  KeepaliveAware &
  Releasable &
  Requeueable &
  SignalAware &
  Transactional &
  OutboxStore;

/**
 * Keeps messages in an SQLite file: envelopes in and out, in terms of a {@link SqliteQueue} of rows.
 *
 * A message is delivered at least once: again if the process that received it ends, or stops prolonging its lease, before
 * it settled it. Made by `SqliteTransportFactory`.
 */
export class SqliteTransport implements Transport, Capabilities {
  readonly #name: string;
  readonly #serializer: Serializer;
  readonly #connection: SqliteConnection;
  readonly #table: SqliteTable;
  readonly #queue: SqliteQueue;
  readonly #listing: SqliteListing;
  readonly #signals: SqliteSignals;
  readonly #consumer: SqliteConsumer;
  readonly #transactions: SqliteTransactionWriter;
  readonly #options: ResolvedSqliteOptions;
  readonly #context: TransportContext;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /** @param isOutbox hand out messages in the order in which they were stored, and none while one is claimed. */
  constructor(
    connection: SqliteConnection,
    options: ResolvedSqliteOptions,
    context: TransportContext,
    isOutbox = false,
  ) {
    const { file, tableName, queueName, redeliverTimeout, pollInterval, autoSetup } = options;
    this.#options = options;
    this.#context = context;
    this.#name = context.transportName;
    this.#serializer = context.serializer;
    this.#connection = connection;
    this.#table = new SqliteTable(connection, context.transportName, options);
    this.#queue = new SqliteQueue(this.#table, queueName, Math.round(redeliverTimeout * 1000), isOutbox);
    this.#listing = new SqliteListing(this.#table, queueName);
    this.#signals = new SqliteSignals(this.#table);
    this.#transactions = new SqliteTransactionWriter({
      transportName: this.#name,
      file,
      table: tableName,
      autoSetup,
      queue: this.#queue,
    });
    this.#consumer = new SqliteConsumer({
      queue: this.#queue,
      arrivals: connection.arrivals,
      clock: connection.clock,
      pollInterval,
      closing: this.#closing.signal,
    });
  }

  get leaseDuration(): number {
    return this.#queue.leaseDuration;
  }

  get location(): string {
    return `sqlite:${this.#connection.file} ${this.#queue.address}`;
  }

  /** Whether a waiting {@link get} is woken by commits of other processes, rather than by its poll. */
  get watchesFile(): boolean {
    return this.#connection.arrivals.watching;
  }

  async send(envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    if (envelopes.length === 0) {
      return [];
    }
    return withIds(envelopes, await this.#queue.insert(this.#encode(envelopes)));
  }

  async sendIn(transaction: object, envelopes: readonly Envelope[]): Promise<readonly Envelope[]> {
    return withIds(envelopes, await this.#transactions.insert(transaction, this.#encode(envelopes)));
  }

  /** A queue of its own in the same table. */
  outboxOf(targetName: string, serializer: Serializer): SqliteTransport {
    const options = { ...this.#options, queueName: `${this.#options.queueName}.outbox.${targetName}` };
    this.#connection.join(this.#name, options);
    return new SqliteTransport(this.#connection, options, { ...this.#context, serializer }, true);
  }

  async get({ max = 1, wait = 0, signal }: GetOptions = {}): Promise<readonly Envelope[]> {
    return this.#receive(await this.#consumer.next(max, wait, signal));
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

  /** Accepts every transport on the same file that the same factory made. */
  canRequeueTo(target: Sender): boolean {
    return target instanceof SqliteTransport && target.#connection === this.#connection;
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
    return this.#listing.counts();
  }

  /** In the order in which the messages are due. */
  async *all(limit: number = Number.POSITIVE_INFINITY): AsyncGenerator<Envelope> {
    for await (const row of this.#listing.rows(limit)) {
      yield this.#decode(row, []);
    }
  }

  async find(id: string): Promise<Envelope | undefined> {
    const rowId = rowIdOf(id);
    const row = rowId === undefined ? undefined : await this.#listing.find(rowId);
    return row === undefined ? undefined : this.#decode(row, []);
  }

  async writeSignal(name: string): Promise<void> {
    await this.#signals.write(name);
  }

  async readSignal(name: string): Promise<number | undefined> {
    return this.#signals.read(name);
  }

  async setup(): Promise<void> {
    await this.#table.setup();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#table.close();
    await this.#closed;
  }

  #encode(envelopes: readonly Envelope[]): readonly EncodedRow[] {
    return envelopes.map((envelope) => encodeRow(this.#serializer, envelope));
  }

  #receive(claim: Claim | undefined): readonly Envelope[] {
    return (
      claim?.rows.map((row) => {
        const received = new SqliteReceivedStamp(row.id, claim.owner);
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
    settle: (claims: readonly SqliteReceivedStamp[]) => Promise<readonly boolean[]>,
  ): Promise<{ readonly lost: readonly Envelope[] }> {
    return settleClaims(envelopes, (envelope) => this.#claimOf(envelope), settle);
  }

  #claimOf(envelope: Envelope): SqliteReceivedStamp {
    return claimOf(this.#name, envelope, SqliteReceivedStamp);
  }

  #siblingOf(target: Sender): SqliteTransport {
    if (target instanceof SqliteTransport && this.canRequeueTo(target)) {
      return target;
    }
    throw new TransportError(
      this.#name,
      `can requeue only to transports on "${this.#connection.file}". Ask canRequeueTo() first.`,
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
