import { describe, expect, it } from 'vitest';
import { TransportFullError } from '../../../lib/errors/transport-full.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { AmqpBlockedError } from '../../../lib/transports/amqp/amqp.blocked.error.js';
import { isRefusal } from '../../../lib/transports/amqp/amqp.connection-errors.js';
import { toTransportError } from '../../../lib/transports/amqp/amqp.errors.js';

const SERVER = 'amqp://127.0.0.1:5672/jobs';

function textOf(error: unknown, lastFailure?: unknown): string {
  return toTransportError('async', SERVER, error, lastFailure).message;
}

/** An error as amqplib makes it of what the broker said. */
function fromBroker(code: number, text: string): Error {
  return Object.assign(new Error(`Operation failed: QueueDeclare; ${code} (X) with message "${text}"`), {
    code,
  });
}

function fromSystem(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}

describe('an error of the broker', () => {
  it('is told in its words, with what to do next', () => {
    expect(textOf(fromBroker(404, "NOT_FOUND - no queue 'a' in vhost 'jobs'"))).toBe(
      `Transport "async": something does not exist on ${SERVER}: no queue 'a' in vhost 'jobs'. Run the command ` +
        '"setup-transports", or leave "auto_setup" on.',
    );
  });

  it.each([
    [403, 'ACCESS_REFUSED - no access', 'rabbitmqctl set_permissions'],
    [405, 'RESOURCE_LOCKED - exclusive', 'exclusive queue'],
    [406, 'PRECONDITION_FAILED - inequivalent arg', 'delete it when it is empty'],
    [406, 'PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out', '"consumer_timeout"'],
    [406, 'PRECONDITION_FAILED - message size 2 is larger than max size 1', '"max_message_size"'],
    [406, 'PRECONDITION_FAILED - unknown delivery tag 1', 'refused a command (406): unknown delivery tag 1.'],
    [503, 'COMMAND_INVALID - unknown exchange type', 'rabbitmq-plugins enable'],
    [530, 'NOT_ALLOWED - limit reached', 'list_vhost_limits'],
    [999, 'WHATEVER - new', 'refused a command (999): new.'],
  ])('%i %s says "%s"', (code, said, advice) => {
    expect(textOf(fromBroker(code, said))).toContain(advice);
  });

  it('is the cause', () => {
    const error = fromBroker(404, 'NOT_FOUND - x');
    expect(toTransportError('async', SERVER, error, undefined).cause).toBe(error);
  });
});

describe('an error of the connection', () => {
  it.each([
    [fromSystem('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5672'), 'Check that it runs', false],
    [fromSystem('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), '"cacert"', true],
    [fromSystem('ERR_TLS_CERT_ALTNAME_INVALID', 'Host: x.'), 'for another host', true],
    [fromSystem('CERT_HAS_EXPIRED', 'certificate has expired'), 'Renew', true],
    [fromSystem('ERR_SSL_WRONG_VERSION_NUMBER', '80:error:wrong version number:\n'), '"amqp:"', true],
    [new Error('Socket closed abruptly during opening handshake'), '"amqps:"', false],
    [new Error('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'), 'rabbitmqctl add_vhost', true],
    [new Error('SASL mechanism EXTERNAL is not provided by the server'), 'rabbitmq_auth_mechanism_ssl', true],
    [
      new Error(
        'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "Login was refused using authentication mechanism EXTERNAL."',
      ),
      '"ssl_cert_login_from"',
      true,
    ],
    [new Error('SASL mechanism PLAIN is not provided by the server'), '"auth_mechanisms"', true],
  ])('%s says "%s"', (error, advice, isRefused) => {
    const text = textOf(error);
    expect(text).toContain(advice);
    expect(text).toContain(isRefused ? 'refuses the connection (' : 'cannot be reached (');
    expect(text).not.toContain('\n');
    expect(isRefusal(error)).toBe(isRefused);
  });

  it('says why the connection was lost, rather than that a channel is closed', () => {
    const lost = Object.assign(
      new Error('Connection closed: 320 (CONNECTION-FORCED) with message "CONNECTION_FORCED - bye"'),
      { code: 320 },
    );
    expect(textOf(new Error('Channel ended, no reply will be forthcoming'), lost)).toBe(
      `Transport "async": ${SERVER} has closed the connection (bye): it is shutting down, or an administrator did it. ` +
        'What had been sent on it before may have been carried out.',
    );
  });

  it('says that a channel is closed if that is all there is', () => {
    expect(textOf(new Error('Channel closed'))).toBe(
      `Transport "async": a channel to ${SERVER} was closed. What had been sent on it before may have been carried out.`,
    );
  });
});

describe('other errors', () => {
  it('of transports pass unchanged', () => {
    const error = new TransportError('other', 'is broken.');
    expect(toTransportError('async', SERVER, error, new Error('lost'))).toBe(error);
  });

  it('of a blocked broker say that it is full, and why', () => {
    const error = toTransportError('async', SERVER, new AmqpBlockedError('low on memory', 500), undefined);
    expect(error).toBeInstanceOf(TransportFullError);
    expect(error.message).toBe(
      `Transport "async": ${SERVER} is blocked: it has taken no messages for 500 ms (low on memory). Let workers handle what waits, ` +
        'or give it more memory or disk; see: rabbitmqctl status.',
    );
  });

  it('that are no errors at all are told too', () => {
    expect(textOf('boom')).toContain('(boom)');
    expect(textOf(undefined)).toContain('(undefined)');
  });
});
