/** The tests of the RabbitMQ transport need a broker, and there is none. */
export class RabbitmqNotReachableError extends Error {
  constructor(host: string, port: number, options?: ErrorOptions) {
    super(
      `The tests of the RabbitMQ transport need RabbitMQ on ${host}:${port}, where nothing answers. ` +
        'Start it: rabbitmq-server -detached (it is installed by: .ci/ensure-rabbitmq)',
      options,
    );
    this.name = 'RabbitmqNotReachableError';
  }
}
