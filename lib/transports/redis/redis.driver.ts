import { MissingDriverError } from '../../errors/missing-driver.error.js';

/** What may be sent to Redis as an argument. */
export type RedisArgument = string | number | Uint8Array;

/** The outcome of one command of a pipeline. */
export type PipelineReply = readonly [error: Error | null, reply: unknown];

/** The part of an ioredis client, or of its cluster client, that the transport uses. */
export interface RedisClient {
  /** `end`: it does not try to connect any more. */
  readonly status: string;
  call(command: string, args: readonly RedisArgument[]): Promise<unknown>;
  /** Like {@link call}, with every text of the reply as bytes. */
  callBuffer(command: string, args: readonly RedisArgument[]): Promise<unknown>;
  pipeline(commands: ReadonlyArray<readonly RedisArgument[]>): {
    exec(): Promise<readonly PipelineReply[] | null>;
  };
  /** The socket, once there is one. A cluster has none; its nodes have. */
  readonly stream?: { on(event: 'error', listener: (error: Error) => void): unknown } | null;
  /** `connect`: a socket is connected, TLS included. `-node`: one node of a cluster was lost. */
  on(event: 'connecting' | 'connect' | 'ready' | 'close' | 'end' | '-node', listener: () => void): unknown;
  on(event: '+node', listener: (node: RedisClient) => void): unknown;
  /** `node error`: one node of a cluster. */
  on(event: 'error' | 'node error', listener: (error: Error) => void): unknown;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
}

/** What ioredis exports, as far as it is used. */
export interface RedisDriver {
  readonly Redis: new (options: Readonly<Record<string, unknown>>) => RedisClient;
  readonly Cluster: new (
    nodes: ReadonlyArray<{ readonly host: string; readonly port: number }>,
    options: Readonly<Record<string, unknown>>,
  ) => RedisClient;
}

/**
 * Loads ioredis, an optional peer.
 *
 * @param transportName named in the error.
 * @throws MissingDriverError when it is not installed.
 */
export function loadRedisDriver(transportName: string): RedisDriver {
  try {
    return require('ioredis') as RedisDriver;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
      throw new MissingDriverError(transportName, ['ioredis'], { cause: error });
    }
    throw error;
  }
}
