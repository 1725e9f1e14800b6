import { describe, expect, it } from 'vitest';
import { heartbeatOf } from '../../../lib/transports/amqp/amqp.link.js';

function heartbeatWith(heartbeat: number, readTimeout?: number): number {
  return heartbeatOf({
    hosts: [{ host: '127.0.0.1', port: 5672 }],
    vhost: '/',
    user: 'guest',
    password: 'guest',
    connectTimeout: 1000,
    heartbeat,
    ...(readTimeout !== undefined && { readTimeout }),
  });
}

describe('heartbeats', () => {
  it('are as far apart as the endpoint says', () => {
    expect(heartbeatWith(60)).toBe(60);
    expect(heartbeatWith(0)).toBe(0);
    expect(heartbeatWith(0, 0)).toBe(0);
  });

  it('come often enough that three of them are within a read time-out', () => {
    expect(heartbeatWith(60, 30_000)).toBe(10);
    expect(heartbeatWith(0, 30_000)).toBe(10);
    expect(heartbeatWith(5, 30_000)).toBe(5);
    expect(heartbeatWith(60, 100)).toBe(1);
  });
});
