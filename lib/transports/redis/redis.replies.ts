import type { PipelineReply } from './redis.driver.js';

/** Names and values, which Redis answers in turn. */
export function recordOf(reply: unknown): ReadonlyMap<unknown, unknown> {
  const list = Array.isArray(reply) ? (reply as readonly unknown[]) : [];
  return new Map(
    list.flatMap((field, index) => (index % 2 === 0 ? [[field, list[index + 1]] as const] : [])),
  );
}

/** What a command of a pipeline answered; nothing if it was refused. */
export function valueIn(reply: PipelineReply | undefined): unknown {
  return reply === undefined || reply[0] !== null ? undefined : reply[1];
}

/** The list that a command of a pipeline answered; an empty one if it was refused. */
export function listIn(reply: PipelineReply | undefined): readonly unknown[] {
  const value = valueIn(reply);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
