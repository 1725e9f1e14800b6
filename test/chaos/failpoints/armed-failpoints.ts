import { type ArmedFailpoint, FAILPOINT_ACTIONS, FAILPOINTS } from './failpoint.js';

/** The environment variable that arms failpoints in a process of the chaos application: an array of `ArmedFailpoint` as JSON. */
export const FAILPOINTS_VARIABLE = 'CHAOS_FAILPOINTS';

/** The environment that arms these. */
export function arming(...armed: readonly ArmedFailpoint[]): Readonly<Record<string, string>> {
  return { [FAILPOINTS_VARIABLE]: JSON.stringify(armed) };
}

/** What the environment arms. @throws TypeError for a point or an action that does not exist, with those that do. */
export function armedFailpoints(env: NodeJS.ProcessEnv): readonly ArmedFailpoint[] {
  const armed = JSON.parse(env[FAILPOINTS_VARIABLE] ?? '[]') as readonly ArmedFailpoint[];
  for (const { at, action } of armed) {
    assertKnown('failpoint', at, FAILPOINTS);
    assertKnown('action', action, FAILPOINT_ACTIONS);
  }
  return armed;
}

function assertKnown(what: string, given: string, known: readonly string[]): void {
  if (!known.includes(given)) {
    throw new TypeError(
      `${FAILPOINTS_VARIABLE} names the ${what} "${given}", which does not exist. Known: ${known.join(', ')}.`,
    );
  }
}
