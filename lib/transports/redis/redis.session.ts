import type { PipelineReply, RedisArgument } from './redis.driver.js';
import type { RedisConnection } from './redis.connection.js';
import { redisCodeOf, toMaybeSentError, toTransportError } from './redis.errors.js';
import type { RedisScript } from './scripts/script.js';

/** A connection as one transport uses it: whatever goes wrong is a TransportError that names the transport. */
export class RedisSession {
  readonly connection: RedisConnection;
  readonly transportName: string;

  constructor(connection: RedisConnection, transportName: string) {
    this.connection = connection;
    this.transportName = transportName;
  }

  async call(command: string, ...args: readonly RedisArgument[]): Promise<unknown> {
    try {
      return await this.connection.ask((client) => client.call(command, args));
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  /** Like {@link call}, with every text of the reply as bytes. */
  async callBuffer(command: string, ...args: readonly RedisArgument[]): Promise<unknown> {
    try {
      return await this.connection.ask((client) => client.callBuffer(command, args));
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  /**
   * Sends commands together. Resolves with the outcome of each; rejects if the connection was lost with all of them.
   *
   * @param wait milliseconds for which they may wait for something else than their turn.
   */
  async pipeline(
    commands: ReadonlyArray<readonly RedisArgument[]>,
    wait: number = 0,
  ): Promise<readonly PipelineReply[]> {
    const replies = await this.#pipeline(commands, wait);
    const [[error] = []] = replies;
    if (
      error instanceof Error &&
      replies.every(([each]) => each !== null && redisCodeOf(each) === undefined)
    ) {
      throw this.errorOf(error);
    }
    return replies;
  }

  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    return this.#run('call', script, keys, args);
  }

  /** Like {@link run}, with every text of the reply as bytes. */
  runBuffer(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    return this.#run('callBuffer', script, keys, args);
  }

  /** A TransportError that says what to do about a driver's error. */
  errorOf(error: unknown): Error {
    const { server, lastFailure } = this.connection;
    return toTransportError(this.transportName, server, error, lastFailure);
  }

  /**
   * What a dispatch is told when the command that stores its messages has failed: a MaybeSentError if that may have been carried
   * out all the same.
   *
   * @param mark the `sendingMark` of the connection from before.
   */
  sendingErrorOf(error: unknown, mark: number): Error {
    const told = this.errorOf(error);
    const isAnswer = redisCodeOf(told.cause) !== undefined;
    return !isAnswer && this.connection.mayHaveSent(mark) ? toMaybeSentError(told) : told;
  }

  async #pipeline(
    commands: ReadonlyArray<readonly RedisArgument[]>,
    wait: number,
  ): Promise<readonly PipelineReply[]> {
    try {
      return (await this.connection.ask((client) => client.pipeline(commands).exec(), wait)) ?? [];
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  async #run(
    method: 'call' | 'callBuffer',
    { lua, sha1 }: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await this.connection.ask((client) => client[method]('evalsha', [sha1, ...rest]));
    } catch (error) {
      if (redisCodeOf(error) !== 'NOSCRIPT') {
        throw this.errorOf(error);
      }
    }
    try {
      return await this.connection.ask((client) => client[method]('eval', [lua, ...rest]));
    } catch (error) {
      throw this.errorOf(error);
    }
  }
}

/** Whether an error, or what caused it, is this one of Redis's. */
export function isRedisError(error: unknown, code: string): boolean {
  return (
    redisCodeOf(error) === code || redisCodeOf((error as { cause?: unknown } | undefined)?.cause) === code
  );
}
