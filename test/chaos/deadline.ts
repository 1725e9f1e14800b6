/**
 * How long a wait may take, in milliseconds: on a busy machine an application needs many seconds to boot. Shorter where tests are
 * expected to fail.
 */
export const CHAOS_DEADLINE_MS = Number(process.env['CHAOS_DEADLINE_MS'] ?? 45_000);
