// A process with one transport, which does what its parent asks for, see remote-transport.ts:
// node transport-process.mjs <folder of the compiled library> <url> <options as JSON>
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [lib, url, options] = process.argv.slice(2);
const load = (path) => require(`${lib}/${path}.js`);
const { Envelope } = load('envelope/envelope');
const { MessageRegistry } = load('message/message-registry');
const { JsonSerializer } = load('serializer/json.serializer');
const { StampRegistry } = load('serializer/stamp-registry');
const { DelayStamp } = load('stamp/delay.stamp');
const { RedeliveredStamp } = load('stamp/redelivered.stamp');
const { Dsn } = load('transport/dsn');
const { RedisTransportFactory } = load('transports/redis/redis.transport-factory');

class Note {
  constructor(text) {
    this.text = text;
  }
}

const registry = new MessageRegistry();
registry.register(Note);
const serializer = new JsonSerializer({ registry, stamps: new StampRegistry() });
const transport = new RedisTransportFactory().create(new Dsn(url, 'remote'), JSON.parse(options), {
  transportName: 'remote',
  serializer,
});

/** What was received and not settled, by its text. */
const held = new Map();
const take = (texts) => texts.map((text) => held.get(text));
const textOf = ({ message }) => message.text;

const methods = {
  async send(texts, delay) {
    const stamps = delay > 0 ? [new DelayStamp(delay)] : [];
    await transport.send(texts.map((text) => new Envelope(new Note(text), stamps)));
  },

  async get(how) {
    const envelopes = await transport.get(how);
    envelopes.forEach((envelope) => held.set(textOf(envelope), envelope));
    return envelopes.map((envelope) => ({
      text: textOf(envelope),
      delivery: envelope.last(RedeliveredStamp)?.deliveryCount ?? 1,
    }));
  },

  ack: async (texts) => (await transport.ack(take(texts))).lost.map(textOf),
  release: async (texts) => (await transport.release(take(texts))).lost.map(textOf),
  keepalive: async (texts) => (await transport.keepalive(take(texts))).map(textOf),

  /** Receives and acknowledges for ever, and tells what it received and when. */
  async consume(max) {
    void (async () => {
      for (;;) {
        const envelopes = await transport.get({ max, wait: 60_000 });
        const at = Date.now();
        await transport.ack(envelopes);
        process.send({ received: envelopes.map((envelope) => ({ text: textOf(envelope), at })) });
      }
    })();
  },

  async close() {
    await transport.close();
  },
};

async function answer({ call, method, args }) {
  try {
    process.send({ call, result: await methods[method](...args) });
  } catch ({ name, message, code }) {
    process.send({ call, error: { name, message, code } });
  }
}

process.on('message', (request) => void answer(request));
