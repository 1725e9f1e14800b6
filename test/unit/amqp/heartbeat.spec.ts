import { describe, expect, it } from 'vitest';
import { heartbeatOf } from '../../../lib/transports/amqp/amqp.link.js';

function heartbeatWith(heartbeat: number, readTimeout?: number, writeTimeout?: number): number {
  return heartbeatOf({
    hosts: [{ host: '127.0.0.1', port: 5672 }],
    vhost: '/',
    user: 'guest',
    password: 'guest',
    connectTimeout: 1000,
    heartbeat,
    ...(readTimeout !== undefined && { readTimeout }),
    ...(writeTimeout !== undefined && { writeTimeout }),
  });
}

describe('heartbeats', () => {
  it('are as far apart as the endpoint says', () => {
    expect(heartbeatWith(60)).toBe(60);
    expect(heartbeatWith(0)).toBe(0);
    expect(heartbeatWith(0, 0)).toBe(0);
  });

  it('come often enough that three of them are within each time-out', () => {
    expect(heartbeatWith(60, 30_000)).toBe(10);
    expect(heartbeatWith(0, 30_000)).toBe(10);
    expect(heartbeatWith(5, 30_000)).toBe(5);
    expect(heartbeatWith(60, 100)).toBe(1);
    expect(heartbeatWith(60, 30_000, 6000)).toBe(2);
    expect(heartbeatWith(0, undefined, 30_000)).toBe(10);
  });
});
