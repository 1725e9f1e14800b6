// A process of its own that uses the built library: node client-process.mjs <role> <options as JSON>.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const lib = '../../../dist/lib';
const { Dsn } = require(`${lib}/transport/dsn.js`);
const { Envelope } = require(`${lib}/envelope/envelope.js`);
const { SqliteTransportFactory } = require(`${lib}/transports/sql/sqlite/sqlite.transport-factory.js`);

class Note {
  constructor(text) {
    this.text = text;
  }
}

const serializer = {
  encode: ({ message }) => ({ body: message.text, headers: {} }),
  decode: ({ body }) => new Envelope(new Note(body)),
};

const [role, text] = process.argv.slice(2);
const { file, driver, prefix, count, lease = 60 } = JSON.parse(text);
const transport = new SqliteTransportFactory().create(
  new Dsn(`sqlite:${file}`, role),
  { driver, redeliverTimeout: lease },
  { transportName: role, serializer },
);

const roles = {
  /** Sends `count` messages, ten at a time. */
  async producer() {
    for (let sent = 0; sent < count; sent += 10) {
      const texts = Array.from(
        { length: Math.min(10, count - sent) },
        (_, index) => `${prefix} ${sent + index}`,
      );
      await Promise.all(texts.map((each) => transport.send([new Envelope(new Note(each))])));
    }
  },

  /** Receives and acknowledges until it is told to stop, and reports what it received. */
  async consumer() {
    const stop = new AbortController();
    process.once('message', () => stop.abort());
    while (!stop.signal.aborted) {
      const envelopes = await transport.get({ max: 7, wait: 60_000, signal: stop.signal });
      const lost = (await transport.ack(envelopes)).lost.length;
      process.send({ received: envelopes.map(({ message }) => message.text), lost });
    }
  },

  /** Receives one message, reports it, and never settles it. */
  async victim() {
    const [envelope] = await transport.get({ wait: 60_000 });
    process.send({ received: [envelope.message.text], lost: 0 });
    setInterval(() => undefined, 60_000);
    await new Promise(() => undefined);
  },
};

await roles[role]();
await transport.close();
process.disconnect();
