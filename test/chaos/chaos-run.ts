import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { onTestFinished } from 'vitest';
import { MessageBus } from '../../lib/bus/message-bus.js';
import type { Spawned } from '../e2e/support/spawned.js';
import { until } from '../e2e/support/until.js';
import type { Lifetime } from '../integration/redis/support/lifetime.js';
import { ChaosAppModule } from './app/chaos-app.module.js';
import type { ChaosAppOptions } from './app/chaos-app.options.js';
import { type ChaosMessage, type MessageTypeName, newId } from './app/messages.js';
import { dispatchRecorded } from './app/recorded-dispatch.js';
import { arming } from './failpoints/armed-failpoints.js';
import type { ArmedFailpoint } from './failpoints/failpoint.js';
import { ChaosProcesses } from './chaos-processes.js';
import { judge } from './ledger/checker.js';
import { ChaosLedger } from './ledger/chaos-ledger.js';
import type { HandlingRow, History, Interval, Leftovers, SettlementRow } from './ledger/history.js';
import type { Promises, Verdicts } from './ledger/verdicts.js';
import { CHAOS_DEADLINE_MS } from './deadline.js';
import { LocalWorker, type LocalWorkerOptions } from './local-worker.js';
import type { ChaosRig, RigKind, RigOptions } from './rigs/chaos-rig.js';

export { CHAOS_DEADLINE_MS };

/** The queues from which workers get messages. */
const WORKED_ON = ['async', 'keyed'];

/** How a run is set up. */
export interface ChaosRunOptions {
  readonly rig?: Omit<RigOptions, 'folder'>;
  /** Those of the application, given the rig. What is left out is in the rig's queues `async`, `keyed` and `failed`. */
  readonly app?: (rig: ChaosRig, folder: string) => Partial<ChaosAppOptions>;
  /** The failpoints of this process. @default none */
  readonly failpointsHere?: readonly ArmedFailpoint[];
}

/** How a worker is started. */
export interface ChaosWorkerOptions {
  /** @default ['async'] */
  readonly receivers?: readonly string[];
  /** Of its command line, such as `--concurrency=10`. */
  readonly args?: readonly string[];
  readonly failpoints?: readonly ArmedFailpoint[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One scenario on one transport: its place, its ledger, its processes, and what was done to them. Ends with the test. */
export class ChaosRun {
  readonly ledger: ChaosLedger;
  /** Unlike that of any other run: the middle of all its ids. */
  readonly id = randomBytes(4).toString('hex');
  readonly outages: Interval[] = [];
  readonly #options: ChaosAppOptions;
  #armed: readonly ArmedFailpoint[];
  readonly #processes: ChaosProcesses;
  readonly #local: LocalWorker[] = [];
  #app: Promise<INestApplicationContext> | undefined;
  #numbered = 0;

  private constructor(
    readonly rig: ChaosRig,
    readonly folder: string,
    options: Partial<ChaosAppOptions>,
    armed: readonly ArmedFailpoint[],
  ) {
    this.#armed = armed;
    const dsns = { async: rig.dsn('async'), keyed: rig.dsn('keyed'), failed: rig.dsn('failed') };
    this.#options = { folder, dsns, ...options };
    this.#processes = new ChaosProcesses(this.#options);
    this.ledger = new ChaosLedger(folder);
  }

  /** @param lifetime ends the run. Tests that run beside each other give the `onTestFinished` of their context. @default the test */
  static async start(
    kind: RigKind,
    { rig = {}, app, failpointsHere = [] }: ChaosRunOptions = {},
    lifetime: Lifetime = onTestFinished,
  ): Promise<ChaosRun> {
    // Later there are connections, which would be held to be silent.
    ChaosProcesses.prepare();
    const folder = mkdtempSync(join(tmpdir(), 'messenger-chaos-'));
    lifetime(() => rmSync(folder, { recursive: true, force: true }));
    const opened = await kind.open({ ...rig, folder });
    lifetime(() => opened.dispose());
    const run = new ChaosRun(opened, folder, app?.(opened, folder) ?? {}, failpointsHere);
    lifetime(() => run.#dispose());
    return run;
  }

  /** The next id of this run. */
  newId(): string {
    this.#numbered += 1;
    return newId(this.id, this.#numbered);
  }

  /** Messages of one type with ids of their own, all of one key and numbered from 1. */
  messages<T extends ChaosMessage>(
    type: new (id: string, key: string, sequence: number) => T,
    count: number,
    key: string = 'all',
  ): readonly T[] {
    return Array.from({ length: count }, (_, index) => new type(this.newId(), key, index + 1));
  }

  /** Dispatches from this process, one after the other, and writes down what became of it. @returns the errors. */
  async dispatch(...messages: readonly ChaosMessage[]): Promise<readonly unknown[]> {
    const bus = (await this.app()).get(MessageBus);
    const errors: unknown[] = [];
    for (const message of messages) {
      const error = await dispatchRecorded(bus, this.ledger, message);
      errors.push(...(error === undefined ? [] : [error]));
    }
    return errors;
  }

  /** Dispatches from this process, all at once. @throws TypeError if one is refused. */
  async dispatchTogether(...messages: readonly ChaosMessage[]): Promise<void> {
    const errors = await Promise.all(messages.map((message) => this.dispatch(message)));
    if (errors.flat().length > 0) {
      throw new TypeError('Messages were refused.', { cause: errors.flat()[0] });
    }
  }

  /** The application as it runs in this process. */
  app(): Promise<INestApplicationContext> {
    return (this.#app ??= NestFactory.createApplicationContext(
      ChaosAppModule.in(this.#options, this.#armed),
      {
        logger: false,
        abortOnError: false,
      },
    ));
  }

  /**
   * Closes the application in this process. The next one is another, as in another process, and no failpoint is armed. What is
   * in memory is kept, with its application.
   */
  async renewApp(): Promise<void> {
    this.#armed = [];
    if (this.rig.transport !== 'in-memory') {
      await (await this.#app)?.close();
      this.#app = undefined;
    }
  }

  /** A worker in a process of its own, from the beginning of its boot. */
  spawnWorker({
    receivers = ['async'],
    args = [],
    failpoints = [],
    env = {},
  }: ChaosWorkerOptions = {}): Spawned {
    return this.spawn('worker.js', [...receivers, ...args], { ...arming(...failpoints), ...env });
  }

  /** A worker that waits for messages or handles them. */
  async worker(options: ChaosWorkerOptions = {}): Promise<Spawned> {
    const worker = this.spawnWorker(options);
    await worker.written(/consumes/);
    return worker;
  }

  /**
   * A process that dispatches messages of a type, each in a transaction if the application has an outbox. Their ids go on from
   * those that were given before; their sequences are the numbers in them.
   */
  producer(type: MessageTypeName, count: number, ...failpoints: readonly ArmedFailpoint[]): Spawned {
    const first = this.#numbered + 1;
    this.#numbered += count;
    return this.spawn('producer.js', [this.id, type, String(first), String(count)], arming(...failpoints));
  }

  /** Any script of the application. */
  spawn(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Spawned {
    return this.#processes.spawn(script, args, env);
  }

  /** Kills a process, and waits for its end. */
  kill(process: Spawned): Promise<void> {
    return this.#processes.kill(process);
  }

  /** Stops a process until the returned function is called. */
  pause(process: Spawned): () => void {
    return this.#processes.pause(process);
  }

  /** A process could do nothing meanwhile, by its own doing. */
  stoodStill(process: Spawned, interval: Interval): void {
    this.#processes.stoodStill(process, interval);
  }

  /** Resolves when the ledger shows it. */
  async until(what: string, isMet: (history: History) => boolean): Promise<void> {
    await until(what, () => isMet(this.ledger.read()), CHAOS_DEADLINE_MS);
  }

  /** Resolves when a failpoint of this process has acted. */
  async fired({ pid }: Spawned): Promise<void> {
    await this.until('the failpoint acted', ({ fired }) => fired.some((row) => row.pid === pid));
  }

  /** Resolves when each of the messages had its effect. */
  async handled(messages: readonly ChaosMessage[]): Promise<void> {
    await this.until('all messages were handled', (history) => {
      const done = new Set(effectsIn(history).map(({ id }) => id));
      return messages.every(({ id }) => done.has(id));
    });
  }

  /**
   * Resolves when each of the messages is in the failure transport.
   *
   * @param worker the one that brings them there: nobody waits for it if it ends.
   */
  async failed(messages: readonly ChaosMessage[], worker?: Spawned): Promise<void> {
    const areFailed = async (): Promise<boolean> => {
      if (worker?.hasExited === true) {
        throw new TypeError('The worker ended before the messages had failed.');
      }
      const ids = await this.idsIn('failed');
      return messages.every(({ id }) => ids.includes(id));
    };
    await until('the messages had failed', areFailed, CHAOS_DEADLINE_MS);
  }

  /** Resolves when no queue has a message any more, so that what was there twice has been handled twice. */
  async drained(): Promise<void> {
    await until('the queues were empty', () => this.isDrained(), CHAOS_DEADLINE_MS);
  }

  /** Whether no queue has a message any more, not even one in hand. On RabbitMQ it takes a second or two to know. */
  async isDrained(): Promise<boolean> {
    return this.rig.isEmpty === undefined
      ? (await this.leftovers()).waiting.length === 0
      : this.rig.isEmpty(WORKED_ON);
  }

  /** The effects of one message, or of all. */
  effects(message?: ChaosMessage): readonly HandlingRow[] {
    const effects = effectsIn(this.ledger.read());
    return message === undefined ? effects : effects.filter(({ id }) => id === message.id);
  }

  /** How often a handler was called for a message. */
  starts({ id }: ChaosMessage): readonly HandlingRow[] {
    return this.ledger.read().handlings.filter((row) => row.what === 'started' && row.id === id);
  }

  /** How a process settled a message, as far as the transport has answered. */
  settlements({ id }: ChaosMessage, { pid }: Spawned): readonly SettlementRow[] {
    const { settlements } = this.ledger.read();
    return settlements.filter((row) => row.what === 'settled' && row.id === id && row.pid === pid);
  }

  /** A worker in this process. */
  async localWorker(options?: LocalWorkerOptions): Promise<LocalWorker> {
    const worker = await LocalWorker.start(await this.app(), options);
    this.#local.push(worker);
    return worker;
  }

  /** Ends all workers in good order. @throws if a process does not end so. */
  async stop(): Promise<void> {
    await Promise.all(this.#local.map((worker) => worker.stop()));
    await this.#processes.stop();
  }

  /** The ids of the messages in a queue, whatever their state. */
  idsIn(queue: string): Promise<readonly string[]> {
    return this.rig.idsIn(queue, () => this.app());
  }

  async leftovers(): Promise<Leftovers> {
    const [failed, ...waiting] = await Promise.all(
      ['failed', ...WORKED_ON].map((queue) => this.idsIn(queue)),
    );
    return { failed: failed ?? [], waiting: waiting.flat() };
  }

  /** What was done to processes and to the broker so far, in JSON. */
  get interruptions(): string {
    const killed = [...this.#processes.killedAt].map(([pid, at]) => ({ pid, killedAt: at }));
    return JSON.stringify([...killed, ...this.#processes.pauses, ...this.outages]);
  }

  /** Stops all processes, and judges what they did. */
  async verdicts(promises: Promises = {}): Promise<Verdicts> {
    await this.stop();
    return judge({
      history: this.ledger.read(),
      interruptions: {
        killedAt: this.#processes.killedAt,
        pauses: this.#processes.pauses,
        outages: this.outages,
        settlingMs: this.rig.settlingMs,
        copiesFirst: !this.rig.requeuesAtomically,
      },
      leftovers: await this.leftovers(),
      promises,
    });
  }

  async #dispose(): Promise<void> {
    await Promise.all(this.#local.map((worker) => worker.stop()));
    await this.#processes.killAll();
    await (await this.#app?.catch(() => undefined))?.close();
    this.ledger.close();
  }
}

function effectsIn({ handlings }: History): readonly HandlingRow[] {
  return handlings.filter(({ what }) => what === 'effect');
}
