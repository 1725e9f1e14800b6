import type { Failpoint, FailpointAction } from '../failpoints/failpoint.js';
import type { RigTransport } from '../rigs/chaos-rig.js';
import type { Fault, FaultKind, PlaceFault, PlannedFault, WorkerFault } from './fault.js';
import { SeededRandom } from './seeded-random.js';

/** What a plan is made for. Equal ones give equal plans. */
export interface PlanOptions {
  readonly seed: number;
  readonly transport: RigTransport;
  /** How long faults begin, in milliseconds. */
  readonly ms: number;
  /** How many workers there are. */
  readonly workers: number;
  /** For how long a worker is paused, or hangs, at least, in milliseconds: longer than its lease. */
  readonly leaseMs: number;
}

type ArmFault = Extract<WorkerFault, { readonly kind: 'arm' }>;

/** Between the beginnings of two faults, in milliseconds. */
const GAP_MS = { from: 1200, to: 3000 };

/** Until the next fault of the place may begin after the one before, in milliseconds: it has to be seen whether all go on. */
const CALM_MS = 4000;

/** For how long a worker is left alone that got a failpoint, in milliseconds: it has to boot, and to pass there. */
const ARMED_MS = 5000;

/** How long a broker is away at the most, in milliseconds, as far as the plan is concerned. */
const RESTART_MS = 6000;

const WORKER_FAULTS: readonly WorkerFault['kind'][] = [
  'kill',
  'kill',
  'arm',
  'arm',
  'arm',
  'pause',
  'replace',
];
const PLACE_FAULTS: readonly PlaceFault['kind'][] = [
  'cut',
  'cut',
  'delay',
  'truncate',
  'blackhole',
  'restart',
];

/** What happens at a failpoint, and how often. A pause is a fault of its own. */
const ACTIONS: readonly Exclude<FailpointAction, 'pause'>[] = [
  'kill',
  'kill',
  'kill',
  'kill',
  'throw',
  'throw',
  'hang',
  'hang',
  'delay',
];

/** Where a worker of any transport passes. */
const POINTS: readonly Failpoint[] = [
  'before-handle',
  'after-handle',
  'mid-batch',
  'before-ack',
  'after-ack',
];

/** The same where the copy of a failed message takes the place of its original in one step, and leases are prolonged. */
const POINTS_OF_ONE_STEP: readonly Failpoint[] = [...POINTS, 'before-requeue', 'after-requeue', 'keepalive'];

/** The same where a copy is sent first. */
const POINTS_OF_TWO_STEPS: readonly Failpoint[] = [
  ...POINTS,
  'before-send',
  'after-send',
  'after-retry-send-before-ack',
];

/** Plans the faults of a run. Without a server there are only faults of workers. */
export function planFaults(options: PlanOptions): readonly PlannedFault[] {
  const random = new SeededRandom(options.seed);
  const workers = Array.from({ length: options.workers }, (_, index) => index + 1);
  const planned: PlannedFault[] = [];
  const freeAt = new Map<number, number>();
  let calmAt = CALM_MS;
  for (
    let at = random.whole(GAP_MS.from, GAP_MS.to);
    at < options.ms;
    at += random.whole(GAP_MS.from, GAP_MS.to)
  ) {
    const hasPlace = options.transport !== 'sqlite' && at >= calmAt && random.next() < 0.5;
    if (hasPlace) {
      const fault = placeFault(random);
      planned.push({ at, fault });
      calmAt = at + lengthOf(fault) + CALM_MS;
      continue;
    }
    const free = workers.filter((worker) => at >= (freeAt.get(worker) ?? 0));
    if (free.length > 0) {
      const fault = workerFault(random, random.pick(free), options);
      planned.push({ at, fault });
      freeAt.set(fault.worker, fault.kind === 'arm' ? at + ARMED_MS : at);
    }
  }
  return planned;
}

/** The kinds of faults in a plan, each once. */
export function kindsIn(plan: readonly PlannedFault[]): ReadonlySet<FaultKind> {
  return new Set(plan.map(({ fault }) => fault.kind));
}

function lengthOf(fault: Fault): number {
  return fault.kind === 'restart' ? RESTART_MS : 'ms' in fault ? fault.ms : 0;
}

function workerFault(random: SeededRandom, worker: number, options: PlanOptions): WorkerFault {
  const kind = random.pick(WORKER_FAULTS);
  switch (kind) {
    case 'arm':
      return { kind, worker, ...armed(random, options) };
    case 'pause':
      return { kind, worker, ms: beyondLease(random, options) };
    default:
      return { kind, worker };
  }
}

function armed(random: SeededRandom, options: PlanOptions): Pick<ArmFault, 'failpoint' | 'killedAfter'> {
  const points = options.transport === 'amqp' ? POINTS_OF_TWO_STEPS : POINTS_OF_ONE_STEP;
  const [at, passage] = [random.pick(points), random.whole(1, 4)];
  const action = random.pick(ACTIONS);
  switch (action) {
    case 'delay':
      return { failpoint: { at, passage, action, ms: random.whole(50, 800) } };
    case 'hang':
      return { failpoint: { at, passage, action }, killedAfter: beyondLease(random, options) };
    default:
      return { failpoint: { at, passage, action } };
  }
}

function beyondLease(random: SeededRandom, { leaseMs }: PlanOptions): number {
  return random.whole(Math.round(leaseMs * 1.3), leaseMs * 2);
}

function placeFault(random: SeededRandom): PlaceFault {
  const kind = random.pick(PLACE_FAULTS);
  switch (kind) {
    case 'cut':
      return { kind };
    case 'delay':
      return { kind, by: random.whole(10, 300), ms: random.whole(500, 3000) };
    case 'truncate':
      return { kind, afterBytes: random.whole(1, 4000), ms: random.whole(300, 1500) };
    case 'blackhole':
      return { kind, ms: random.whole(500, 3000) };
    case 'restart':
      return { kind, how: random.pick(['orderly', 'crash']) };
  }
}
