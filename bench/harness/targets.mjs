import { floorOf } from './floors.mjs';

/**
 * The figures this package promises, as ratios to what runs beside it wherever the machine would decide otherwise.
 *
 * @type {readonly import('../types.d.ts').Target[]}
 */
export const TARGETS = [
  {
    transport: 'process',
    workload: 'dispatch',
    text: 'dispatch, x EventBus.publish of @nestjs/cqrs',
    measure: (outcome) => ratio(own(outcome, 'rate'), of(outcome, 'cqrs-event', 'rate')),
    atLeast: 1,
  },
  { ...overFloor('produce', 'sequential', 'produce one by one'), atLeast: 0.6 },
  { ...overFloor('produce', 'inFlight', 'produce with 100 in flight'), atLeast: 0.3 },
  { ...overFloor('consume', 'c1', 'consume at concurrency 1'), atLeast: 0.35 },
  { ...overFloor('consume', 'c100', 'consume at concurrency 100'), atLeast: 0.35 },
  { ...overPlainjob('c1', 'consume at concurrency 1'), atLeast: 5 },
  { ...overPlainjob('c100', 'consume at concurrency 100'), atLeast: 5 },
  { ...absolute('latency', 'p50', 'latency p50, ms'), below: 1 },
  { ...absolute('boot', 'boot', 'boot to the first message, ms'), below: 600 },
  { ...absolute('idle', 'cpu', 'idle CPU, %'), below: 0.5 },
  {
    ...absolute('growth', 'flatness', 'consume with more waiting, x with the fewest'),
    atLeast: 0.85,
    below: 1.15,
  },
];

function absolute(workload, metric, text) {
  return {
    transport: 'sqlite',
    workload,
    text: `sqlite ${text}`,
    measure: (outcome) => own(outcome, metric),
  };
}

function overFloor(workload, metric, text) {
  const measure = (outcome) => ratio(own(outcome, metric), floorOf(outcome, metric));
  return { transport: 'sqlite', workload, text: `sqlite ${text}, x floor`, measure };
}

function overPlainjob(metric, text) {
  const measure = (outcome) => ratio(own(outcome, metric), of(outcome, 'plainjob', metric));
  return { transport: 'sqlite', workload: 'consume', text: `sqlite ${text}, x plainjob`, measure };
}

function own({ rows }, metric) {
  return rows.find(({ kind }) => kind === 'own')?.medians[metric];
}

function of({ rows }, subject, metric) {
  return rows.find((row) => row.subject === subject)?.medians[metric];
}

function ratio(value, base) {
  return value === undefined || base === undefined ? undefined : value / base;
}
