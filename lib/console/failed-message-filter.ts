import type { Command as CommandLine } from 'commander';
import { InvalidUsageError } from '../errors/invalid-usage.error.js';
import type { FailedMessage } from '../failure/failed-messages.js';
import { matchesClassFilter } from './class-filter.js';
import type { CommandContext } from './command.js';
import { pointInTime } from './point-in-time.js';

/** The options by which messages of a failure transport are chosen, as commander hands them over. */
export interface FilterOptions {
  readonly classFilter?: string;
  readonly failedAfter?: string;
  readonly failedBefore?: string;
}

/** Which messages of a failure transport are meant. */
export interface FailedMessageFilter {
  /** A class name, a message name, or a pattern such as `billing.*`. */
  readonly classFilter?: string;
  /** Those that failed then or later. Both bounds leave out what does not say when it failed. */
  readonly failedAfter?: Date;
  /** Those that failed then or earlier. */
  readonly failedBefore?: Date;
}

/** Declares the options of {@link readFilter}. */
export function defineFilter(line: CommandLine): CommandLine {
  return line
    .option('--class-filter <name>', 'only messages of this class, or whose name matches, e.g. billing.*')
    .option('--failed-after <time>', 'only those that failed then or later, e.g. "-1 hour"')
    .option('--failed-before <time>', 'only those that failed then or earlier, e.g. "2026-05-01 08:00"');
}

/**
 * @param ids messages that were named: those need no filter.
 * @param now the current epoch in milliseconds.
 * @throws InvalidUsageError for a time that is none, and for ids with a filter.
 */
export function readFilter(
  ids: readonly string[],
  { classFilter, failedAfter, failedBefore }: FilterOptions,
  now: number,
): FailedMessageFilter {
  const filter = {
    ...(classFilter !== undefined && { classFilter }),
    ...(failedAfter !== undefined && { failedAfter: pointInTime('failed-after', failedAfter, now) }),
    ...(failedBefore !== undefined && { failedBefore: pointInTime('failed-before', failedBefore, now) }),
  };
  if (ids.length > 0 && isFiltering(filter)) {
    throw new InvalidUsageError(
      'Name messages by their ids, or choose them by "--class-filter", "--failed-after" and "--failed-before"; not both.',
    );
  }
  return filter;
}

export function isFiltering(filter: FailedMessageFilter): boolean {
  return Object.keys(filter).length > 0;
}

export function passesFilter(
  { envelope, failedAt }: FailedMessage,
  { classFilter, failedAfter, failedBefore }: FailedMessageFilter,
): boolean {
  const time = failedAt?.getTime() ?? Number.NaN;
  return (
    matchesClassFilter(envelope, classFilter) &&
    (failedAfter === undefined || time >= failedAfter.getTime()) &&
    (failedBefore === undefined || time <= failedBefore.getTime())
  );
}

/** A message that a command is about. */
export interface ChosenMessage {
  readonly id: string;
  readonly messageName: string;
}

/**
 * The messages in a failure transport that pass, the oldest first. All of them before anything is done with one, since the list
 * changes with that: a message that fails again is put at its end.
 */
export async function chooseFailedMessages(
  transport: string,
  filter: FailedMessageFilter,
  { messenger }: CommandContext,
): Promise<readonly ChosenMessage[]> {
  const chosen: ChosenMessage[] = [];
  for await (const message of messenger.failedMessages.list(transport)) {
    if (passesFilter(message, filter)) {
      const { id, messageName } = message;
      chosen.push({ id, messageName });
    }
  }
  return chosen;
}
