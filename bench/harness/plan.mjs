import { SUBJECTS, TRANSPORTS, WORKLOADS } from './registry.mjs';

/**
 * What to run: each workload on each transport, with the subjects that have the roles it needs.
 *
 * @param {readonly string[]} only Names of transports, workloads or subjects; empty for all.
 * @param {number} nodeMajor The Node.js the subjects run on.
 */
export function planRun(only, nodeMajor) {
  const wanted = selection(only);
  const able = SUBJECTS.filter(({ minimumNode = 0 }) => minimumNode <= nodeMajor).filter(wanted.subject);
  return TRANSPORTS.filter(wanted.transport).flatMap((transport) =>
    WORKLOADS.filter(wanted.workload)
      .map((workload) => ({ transport, workload, subjects: able.filter(fits(transport, workload)) }))
      .filter(({ subjects }) => subjects.length > 0),
  );
}

/** The subjects that this Node.js is too old for. */
export function leftOut(nodeMajor) {
  return SUBJECTS.filter(({ minimumNode = 0 }) => minimumNode > nodeMajor);
}

function fits(transport, workload) {
  return (subject) =>
    subject.transport === transport.name &&
    (subject.workloads?.includes(workload.name) ?? true) &&
    workload.needs.every((role) => subject.roles[role] !== undefined);
}

/** A name narrows the list it belongs to; a list of which nothing is named stays whole. */
function selection(only) {
  const lists = { transport: TRANSPORTS, workload: WORKLOADS, subject: SUBJECTS };
  const known = Object.values(lists).flatMap((list) => list.map(({ name }) => name));
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`There is no "${unknown}" to measure, but ${known.join(', ')}.`);
  }
  return Object.fromEntries(
    Object.entries(lists).map(([key, list]) => {
      const named = list.filter(({ name }) => only.includes(name));
      return [key, (item) => named.length === 0 || named.includes(item)];
    }),
  );
}
