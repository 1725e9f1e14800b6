import { floorOf } from './floors.mjs';

/**
 * Says what `messenger-<transport>` is held against, figure by figure.
 *
 * @param {string} transport
 */
export function figuresOf(transport) {
  const product = `messenger-${transport}`;

  function figure(workload, text, measure) {
    return { transport, workload, text: `${transport} ${text}`, measure };
  }

  return {
    /** The figure itself. */
    absolute: (workload, metric, text) => figure(workload, text, (outcome) => of(outcome, product, metric)),

    /** Its ratio to the best floor. */
    overFloor: (workload, metric, text) =>
      figure(workload, `${text}, x floor`, (outcome) =>
        ratio(of(outcome, product, metric), floorOf(outcome, metric)),
      ),

    /** Its ratio to another subject. */
    over: (other, workload, metric, text, subject = product) =>
      figure(workload, `${text}, x ${other}`, (outcome) =>
        ratio(of(outcome, subject, metric), of(outcome, other, metric)),
      ),
  };
}

function of({ rows }, subject, metric) {
  return rows.find((row) => row.subject === subject)?.medians[metric];
}

function ratio(value, base) {
  return value === undefined || base === undefined ? undefined : value / base;
}
