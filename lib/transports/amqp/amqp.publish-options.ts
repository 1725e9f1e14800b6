import type { AmqpProperties, AmqpTable } from './amqp.driver.js';
import type { AmqpPublication } from './amqp.publication.js';

/**
 * What amqplib is told of messages. It makes the headers of each message a prototype, which costs the engine many times what an
 * object does, and it has encoded them when `publish` returns. So messages whose headers have the same names, as most of one
 * application do, take turns in one object.
 */
export class AmqpPublishOptions {
  #names: readonly string[] = [];
  #headers: Record<string, unknown> = {};

  /** Good until it is called again. */
  of({ address, properties, mandatory }: AmqpPublication): AmqpProperties {
    const { headers = {} } = properties;
    const all = address.headers === undefined ? headers : { ...headers, ...address.headers };
    return { ...properties, headers: this.#lend(all), mandatory };
  }

  #lend(headers: AmqpTable): AmqpTable {
    const names = Object.keys(headers);
    const areSame =
      names.length === this.#names.length && names.every((name, at) => name === this.#names[at]);
    if (areSame) {
      for (const name of names) {
        this.#headers[name] = headers[name];
      }
    } else {
      this.#names = names;
      this.#headers = { ...headers };
    }
    return this.#headers;
  }
}
