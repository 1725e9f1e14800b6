import type { ProtectionEdit } from '../scenario.js';

// Those that several protections share.

/** A message is acknowledged before it is handled. */
export const ACK_FIRST: ProtectionEdit = {
  file: 'lib/worker/message-processor.ts',
  find: 'const handled = await this.#options.bus.dispatch(envelope);',
  replace:
    'await feed.settler.ack(received);\n      const handled = await this.#options.bus.dispatch(envelope);',
};

/** The original of a failed message is settled before its copy is stored. */
export const SETTLE_FIRST: ProtectionEdit = {
  file: 'lib/failure/replace-by-copy.ts',
  find: '    await to.send([copy]);\n    await settler.reject(received);',
  replace: '    await settler.reject(received);\n    await to.send([copy]);',
};

/** An idempotent handler does not ask whether it has handled the message. */
export const NO_INBOX: ProtectionEdit = {
  file: 'lib/inbox/idempotent-handling.ts',
  find: '!(await inbox.record(transaction, { messageId, handlerName }))',
  replace: "messageId === ''",
};

/** A worker that could not fetch once does not fetch any more. */
export const NEVER_TRIES_AGAIN: ProtectionEdit = {
  file: 'lib/worker/receiver-feed.ts',
  find: '    this.polls.failed(error);\n',
  replace: '    this.polls.failed(error);\n    this.#stopping.abort();\n',
};
