import type { CommandContext } from './command.js';
import { matchesClassFilter } from './message-content.js';

/**
 * The ids of the messages in a failure transport, the oldest first. All of them before anything is done with one, since
 * the list changes with that: a message that fails again is put at its end.
 */
export async function failedMessageIds(
  transport: string,
  { messenger, options }: CommandContext<{ readonly classFilter?: string }>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id, envelope } of messenger.failedMessages.list(transport)) {
    if (matchesClassFilter(envelope, options.classFilter)) {
      ids.push(id);
    }
  }
  return ids;
}
