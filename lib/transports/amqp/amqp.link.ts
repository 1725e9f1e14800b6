import type { AmqpConnectOptions, AmqpDriver, AmqpModel } from './amqp.driver.js';
import type { AmqpEndpoint, AmqpHost } from './amqp.endpoint.js';

/** How long the last bytes of a connection that is over may take, in milliseconds. */
const FAREWELL_MS = 1000;

/** Milliseconds of silence after which the system asks whether the other end is alive; for those who switch heartbeats off. */
const KEEP_ALIVE_MS = 30_000;

export interface AmqpLinkSetup {
  readonly driver: AmqpDriver;
  readonly endpoint: AmqpEndpoint;
  readonly host: AmqpHost;
  /** What the broker's list of connections calls it. */
  readonly name: string;
  /** Milliseconds for connecting and for what follows until it is open. */
  readonly limit: number;
  /** Ends the try. */
  readonly signal: AbortSignal;
}

/** One open connection to a broker, until it is lost. */
export class AmqpLink {
  readonly model: AmqpModel;
  readonly openedAt = performance.now();
  readonly #socket: AbortController;
  readonly #closed: Promise<void>;

  private constructor(model: AmqpModel, socket: AbortController) {
    this.model = model;
    this.#socket = socket;
    // Without a listener it would be thrown. It is also the reason that `close` gives.
    model.on('error', () => undefined);
    // amqplib only ends the socket. An end that is gone without a word would keep it, and the process, for minutes.
    model.on('close', () => setTimeout(() => socket.abort(), FAREWELL_MS).unref());
    this.#closed = new Promise((resolve) => model.on('close', () => resolve()));
  }

  /** Rejects with the driver's error, or with one that says that there was no answer. */
  static async open({ driver, endpoint, host, name, limit, signal }: AmqpLinkSetup): Promise<AmqpLink> {
    signal.throwIfAborted();
    const socket = new AbortController();
    const giveUp = (): void => socket.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    let isTooLate = false;
    const timer = setTimeout(() => {
      isTooLate = true;
      socket.abort();
    }, limit);
    try {
      const where = connectOptionsOf(endpoint, host);
      const model = await driver.connect(where, {
        ...endpoint.tls,
        signal: socket.signal,
        noDelay: true,
        keepAlive: true,
        keepAliveDelay: KEEP_ALIVE_MS,
        clientProperties: { connection_name: name },
        ...(endpoint.saslMethod === 'external' && { credentials: driver.credentials.external() }),
      });
      return new AmqpLink(model, socket);
    } catch (error) {
      throw isTooLate ? new Error(`no answer within ${Math.round(limit)} ms`, { cause: error }) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Closes it properly; after so many milliseconds, anyhow. Never rejects. */
  async end(limit: number): Promise<void> {
    const timer = setTimeout(() => this.#socket.abort(), limit);
    try {
      await Promise.race([this.model.close(), this.#closed]);
    } catch {
      // It is closed already.
    } finally {
      clearTimeout(timer);
    }
  }
}

function connectOptionsOf(endpoint: AmqpEndpoint, { host, port }: AmqpHost): AmqpConnectOptions {
  const { vhost, user, password, tls, frameMax, channelMax } = endpoint;
  return {
    protocol: tls === undefined ? 'amqp' : 'amqps',
    hostname: host,
    port,
    username: user,
    password,
    vhost: encodeURIComponent(vhost),
    heartbeat: heartbeatOf(endpoint),
    ...(frameMax !== undefined && { frameMax }),
    ...(channelMax !== undefined && { channelMax }),
  };
}

/**
 * Seconds between heartbeats. The driver gives a connection up after up to three of them without a sign of life, so time-outs
 * make them come more often. Those of writing too: a broker that is alive and reads nothing has its reason, see
 * `AmqpConnection.blockedReason`; and one that is dead sends no heartbeats.
 */
export function heartbeatOf({ heartbeat, readTimeout, writeTimeout }: AmqpEndpoint): number {
  const wanted = [readTimeout, writeTimeout]
    .filter((timeout) => timeout !== undefined && timeout > 0)
    .map((timeout = 0) => Math.max(1, Math.floor(timeout / 3000)));
  return Math.min(...wanted, heartbeat > 0 || wanted.length === 0 ? heartbeat : Infinity);
}
