import { TARGETS } from './targets.mjs';

/**
 * Holds the outcomes against the targets; a target that was not measured gives no verdict.
 *
 * @param {readonly import('../types.d.ts').Outcome[]} outcomes
 */
export function judge(outcomes) {
  return TARGETS.flatMap((target) => {
    const outcome = outcomes.find(
      (each) => each.transport === target.transport && each.workload === target.workload,
    );
    const value = outcome && target.measure(outcome);
    return value === undefined
      ? []
      : [{ text: target.text, value, wanted: wanted(target), passed: passes(target, value) }];
  });
}

/** @param {ReturnType<typeof judge>} verdicts */
export function renderVerdicts(verdicts) {
  return verdicts
    .map(
      ({ text, value, wanted, passed }) =>
        `${passed ? 'PASS' : 'FAIL'}  ${text}: ${value.toFixed(2)} (${wanted})`,
    )
    .join('\n');
}

function passes({ atLeast = -Infinity, below = Infinity }, value) {
  return value >= atLeast && value < below;
}

function wanted({ atLeast, below }) {
  const parts = [
    atLeast === undefined ? '' : `at least ${atLeast}`,
    below === undefined ? '' : `below ${below}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
