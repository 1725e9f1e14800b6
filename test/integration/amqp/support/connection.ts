import { onTestFinished } from 'vitest';
import { AmqpConnection } from '../../../../lib/transports/amqp/amqp.connection.js';
import { type AmqpDriver, loadAmqpDriver } from '../../../../lib/transports/amqp/amqp.driver.js';
import type { AmqpEndpoint } from '../../../../lib/transports/amqp/amqp.endpoint.js';
import { AmqpSession } from '../../../../lib/transports/amqp/amqp.session.js';
import { RecordingLogger } from '../../../fixtures/core.js';
import type { Vhost } from './vhost.js';

/** The endpoint of a virtual host, with what differs. */
export function endpointOf(vhost: Vhost, differences: Partial<AmqpEndpoint> = {}): AmqpEndpoint {
  return {
    hosts: [{ host: vhost.host, port: vhost.port }],
    vhost: vhost.name,
    user: vhost.user,
    password: vhost.password,
    heartbeat: 10,
    connectTimeout: 5000,
    ...differences,
  };
}

/** A connection of one member and its session, left at the end. */
export function startConnection(
  vhost: Vhost,
  differences: Partial<AmqpEndpoint> = {},
  driver: AmqpDriver = loadAmqpDriver('async'),
) {
  const logger = new RecordingLogger();
  const state = { closed: 0, losses: 0 };
  const connection = new AmqpConnection({
    driver,
    endpoint: endpointOf(vhost, differences),
    name: `messenger test:${process.pid}`,
    logger,
    onClosed: () => (state.closed += 1),
  });
  const session = new AmqpSession(connection, 'async');
  connection.join(session);
  connection.onLost(() => (state.losses += 1));
  const leave = (): Promise<void> => connection.leave(session);
  onTestFinished(leave);
  return { connection, session, logger, state, leave };
}
