/**
 * Acknowledges what was handled in one turn of the event loop together: one acknowledgement for all messages up to the
 * first that is still being handled, and one for each beyond it.
 *
 * @param {import('amqplib').Channel} channel The one on which they were delivered, numbered from 1 on.
 * @returns {(tag: number) => void} Takes the delivery tag of a message that has been handled.
 */
export function gatherAcks(channel) {
  const handled = new Set();
  const acknowledged = new Set();
  let first = 1;
  let scheduled = false;

  function flush() {
    scheduled = false;
    let last = 0;
    for (; ; first++) {
      if (handled.delete(first)) last = first;
      else if (!acknowledged.delete(first)) break;
    }
    if (last > 0) ack(last, true);
    for (const tag of handled) {
      ack(tag, false);
      acknowledged.add(tag);
    }
    handled.clear();
  }

  function ack(deliveryTag, upTo) {
    channel.ack({ fields: { deliveryTag } }, upTo);
  }

  return (tag) => {
    handled.add(tag);
    if (scheduled) return;
    scheduled = true;
    process.nextTick(flush);
  };
}
