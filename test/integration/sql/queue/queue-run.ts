import { Envelope } from '../../../../lib/envelope/envelope.js';
import { DelayStamp } from '../../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../../lib/stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../../../lib/stamp/transport-message-id.stamp.js';
import { ConformanceMessage } from '../../../../lib/testing/conformance/conformance-message.js';
import type { MessageCounts } from '../../../../lib/transport/capabilities.js';
import type { SettleResult } from '../../../../lib/transport/transport.js';
import type { SqlTransport } from '../../../../lib/transports/sql/sql.transport.js';
import { collect } from '../../../fixtures/core.js';
import type { QueueDatabase } from './queue-databases.js';
import { type Handed, type ModelClaim, type ModelSettlement, QueueModel } from './queue-model.js';
import { LEASE_UNITS, PROCESSES, QUEUES, type Step } from './queue-steps.js';

/** The unit of time in schedules, in milliseconds: so long that the time a schedule takes is nothing. */
export const UNIT_MS = 1_000_000;
export const LEASE_MS = LEASE_UNITS * UNIT_MS;

/** What a process was given, and what it settles that with. */
interface Delivery {
  readonly envelope: Envelope;
  readonly claim: ModelClaim;
}

/** One process of an application: a transport for each queue, and what it received from each. */
interface Process {
  transports: readonly SqlTransport[];
  hands: readonly Delivery[][];
}

type StepOf<D extends Step['do']> = Extract<Step, { readonly do: D }>;

/** Runs one schedule on a database and a model side by side. Queues are new for each. */
export class QueueRun {
  readonly #database: QueueDatabase;
  readonly #model: QueueModel;
  readonly #name: string;
  readonly #processes: readonly Process[];
  readonly #seenIds: string[] = [];
  #contents = 0;

  constructor(database: QueueDatabase, name: string) {
    this.#database = database;
    this.#name = name;
    this.#model = new QueueModel({
      lease: LEASE_MS,
      tableOf: (queue) => (queue === 'other' ? 'second' : 'first'),
      usedIds: database.usedIds,
    });
    this.#processes = Array.from({ length: PROCESSES }, () => ({
      transports: this.#open(),
      hands: QUEUES.map(() => []),
    }));
  }

  /** @throws ModelViolation when the database does what the model does not allow. */
  async run(steps: readonly Step[]): Promise<void> {
    try {
      // Makes the tables.
      await this.#checkCounts(QUEUES.keys());
      for (const step of steps) {
        await this.#tick(step);
        await this.#step(step);
        await this.#checkCounts('queue' in step ? [step.queue] : []);
      }
      await this.#checkCounts(QUEUES.keys());
      await this.#checkListings();
      await this.#drain();
    } finally {
      const transports = this.#processes.flatMap((process) => process.transports);
      await Promise.all(transports.map((transport) => transport.close()));
    }
  }

  async #step(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.#send(step);
      case 'get':
        return this.#get(step);
      case 'claim':
        return this.#claim(step);
      case 'ack':
        return this.#settle(step, { kind: 'remove' }, (transport, envelopes) => transport.ack(envelopes));
      case 'reject':
        return this.#settle(step, { kind: 'remove' }, (transport, envelopes) => transport.reject(envelopes));
      case 'keepalive':
        return this.#settle(step, { kind: 'prolong' }, async (transport, envelopes) => ({
          lost: await transport.keepalive(envelopes),
        }));
      case 'release':
        return this.#release(step);
      case 'requeue':
        return this.#requeue(step);
      case 'race':
        return this.#race(step);
      case 'crash':
        this.#process(step).hands = QUEUES.map(() => []);
        return;
      case 'reopen':
        return this.#reopen(this.#process(step));
      case 'wait':
        return this.#pass(step.units * UNIT_MS);
    }
  }

  async #send({ queue, process, delays }: StepOf<'send'>): Promise<void> {
    const messages = delays.map((units) => ({ content: this.#newContent(), delay: units * UNIT_MS }));
    const sent = await this.#transport(process, queue).send(
      messages.map(({ content, delay }) => envelopeOf(content, delay)),
    );
    sent.forEach((envelope, index) => {
      const { content = '', delay = 0 } = messages[index] ?? {};
      this.#model.store(queueName(queue), content, delay, this.#seen(idOf(envelope)));
    });
  }

  async #get({ queue, process, max, waits }: StepOf<'get'>): Promise<void> {
    const expected = this.#model.claimable(queueName(queue)).slice(0, max);
    const wait = waits && expected.length > 0 ? 10_000 : 0;
    const envelopes = await this.#transport(process, queue).get({ max, wait });
    this.#receive(process, queue, envelopes, this.#model.handOut(expected, envelopes.map(handedOf)));
  }

  async #claim({ queue, process, pick }: StepOf<'claim'>): Promise<void> {
    const id = this.#seenIds.at(-1 - pick);
    if (id !== undefined) {
      const envelope = await this.#transport(process, queue).claim(id);
      const claim = this.#model.claimOne(queueName(queue), id, envelope && handedOf(envelope));
      if (envelope !== undefined && claim !== undefined) {
        this.#receive(process, queue, [envelope], [claim]);
      }
    }
  }

  async #release(step: StepOf<'release'>): Promise<void> {
    const delay = step.delay * UNIT_MS;
    await this.#settle(step, { kind: 'release', delay }, (transport, envelopes) =>
      transport.release(envelopes, { delay }),
    );
  }

  async #requeue({ queue, process, picks, to, delay }: StepOf<'requeue'>): Promise<void> {
    const deliveries = this.#picked(process, queue, picks);
    // To one queue, and the last one to where it comes from, so that one call does both.
    const copies = deliveries.map((_, index) => ({
      content: this.#newContent(),
      target: index > 0 && index === deliveries.length - 1 ? queue : to,
    }));
    const result = await this.#transport(process, queue).requeue(
      deliveries.map(({ envelope }, index) => ({
        received: envelope,
        copy: envelopeOf(copies[index]?.content ?? '', delay * UNIT_MS),
        to: this.#transport(process, copies[index]?.target ?? to),
      })),
    );
    const how = copies.map(({ content, target }): ModelSettlement => {
      return { kind: 'replace', content, to: queueName(target), delay: delay * UNIT_MS };
    });
    this.#settled(deliveries, result, how);
  }

  async #race({ queue, process, max, picks }: StepOf<'race'>): Promise<void> {
    const deliveries = this.#picked(process, queue, picks);
    const [result, ...received] = await Promise.all([
      this.#transport(process, queue).ack(deliveries.map(({ envelope }) => envelope)),
      ...this.#processes.map((_, each) => this.#transport(each, queue).get({ max })),
    ]);
    const lost = new Set(result?.lost);
    const [refused, settled] = [true, false].map((isLost) =>
      deliveries.filter(({ envelope }) => lost.has(envelope) === isLost),
    ) as [Delivery[], Delivery[]];
    // What was settled was so before anybody else could have it; what was refused may have been handed out before.
    this.#settled(
      settled,
      { lost: [] },
      settled.map(() => ({ kind: 'remove' })),
    );
    const handed = received.map((envelopes) => envelopes.map(handedOf));
    const claims = this.#model.handOutTogether(queueName(queue), max * PROCESSES, handed);
    this.#settled(refused, { lost: refused.map(({ envelope }) => envelope) }, []);
    received.forEach((envelopes, each) => this.#receive(each, queue, envelopes, claims[each] ?? []));
  }

  async #settle(
    {
      queue,
      process,
      picks,
    }: { readonly queue: number; readonly process: number; readonly picks: readonly number[] },
    how: ModelSettlement,
    act: (transport: SqlTransport, envelopes: readonly Envelope[]) => Promise<SettleResult>,
  ): Promise<void> {
    const deliveries = this.#picked(process, queue, picks);
    const envelopes = deliveries.map(({ envelope }) => envelope);
    const result = await act(this.#transport(process, queue), envelopes);
    this.#settled(
      deliveries,
      result,
      deliveries.map(() => how),
    );
  }

  #settled(deliveries: readonly Delivery[], result: SettleResult, how: readonly ModelSettlement[]): void {
    const lost = new Set(result?.lost);
    const held = deliveries.map(({ envelope }) => !lost.has(envelope));
    this.#model.settle(
      deliveries.map(({ claim }) => claim),
      held,
      how,
    );
  }

  async #reopen(process: Process): Promise<void> {
    await Promise.all(process.transports.map((transport) => transport.close()));
    process.transports = this.#open();
  }

  /** Everything that must be there comes in its order, and nothing else; then nothing is left. */
  async #drain(): Promise<void> {
    await this.#pass(100 * UNIT_MS);
    for (const queue of QUEUES.keys()) {
      const expected = this.#model.claimable(queueName(queue));
      const envelopes = await this.#transport(0, queue).get({ max: expected.length + 1 });
      const claims = this.#model.handOut(expected, envelopes.map(handedOf));
      const result = await this.#transport(1, queue).ack(envelopes);
      const deliveries = envelopes.map((envelope, index) => ({
        envelope,
        claim: claims[index] as ModelClaim,
      }));
      this.#settled(
        deliveries,
        result,
        deliveries.map(() => ({ kind: 'remove' })),
      );
    }
    await this.#checkCounts(QUEUES.keys());
  }

  async #checkCounts(queues: Iterable<number>): Promise<void> {
    for (const queue of queues) {
      const counts = await this.#transport(0, queue).messageCount();
      this.#model.checkCounts(queueName(queue), counts as Required<MessageCounts>);
    }
  }

  async #checkListings(): Promise<void> {
    for (const queue of QUEUES.keys()) {
      const listed = await collect(this.#transport(1, queue).all());
      this.#model.checkListing(queueName(queue), listed.map(handedOf));
    }
  }

  /** Where the database has a clock of its own, what becomes due by a later step does so later. */
  async #tick(step: Step): Promise<void> {
    if (this.#database.hasOwnClock && ['send', 'release', 'requeue'].includes(step.do)) {
      await this.#pass(1);
    }
  }

  async #pass(ms: number): Promise<void> {
    await this.#database.pass(
      ms,
      QUEUES.map((queue) => this.#uniqueName(queue)),
    );
    this.#model.now += ms;
  }

  #receive(
    process: number,
    queue: number,
    envelopes: readonly Envelope[],
    claims: readonly ModelClaim[],
  ): void {
    envelopes.forEach((envelope, index) => {
      this.#seen(idOf(envelope));
      this.#hand(process, queue).push({ envelope, claim: claims[index] as ModelClaim });
    });
  }

  #picked(process: number, queue: number, picks: readonly number[]): readonly Delivery[] {
    const hand = this.#hand(process, queue);
    return picks.map((pick) => hand.at(-1 - pick)).filter((delivery) => delivery !== undefined);
  }

  #open(): readonly SqlTransport[] {
    const open = this.#database.process();
    return QUEUES.map((queue) => open(queue === 'other' ? 'second' : 'first', this.#uniqueName(queue)));
  }

  #transport(process: number, queue: number): SqlTransport {
    return this.#process({ process }).transports[queue] as SqlTransport;
  }

  #process({ process }: { readonly process: number }): Process {
    return this.#processes[process] as Process;
  }

  #hand(process: number, queue: number): Delivery[] {
    return this.#process({ process }).hands[queue] as Delivery[];
  }

  #uniqueName(queue: string): string {
    return `${this.#name}_${queue}`;
  }

  #newContent(): string {
    this.#contents += 1;
    return `m${this.#contents}`;
  }

  #seen(id: string): string {
    if (!this.#seenIds.includes(id)) {
      this.#seenIds.push(id);
    }
    return id;
  }
}

function queueName(queue: number): string {
  return QUEUES[queue] ?? '';
}

function envelopeOf(content: string, delay: number): Envelope {
  const stamps = delay === 0 ? [] : [new DelayStamp(delay)];
  return new Envelope<object>(new ConformanceMessage(content), stamps);
}

function idOf(envelope: Envelope): string {
  return envelope.last(TransportMessageIdStamp)?.id ?? '';
}

function handedOf(envelope: Envelope): Handed {
  const { content } = envelope.message as ConformanceMessage;
  return { content, id: idOf(envelope), deliveries: envelope.last(RedeliveredStamp)?.deliveryCount ?? 1 };
}
