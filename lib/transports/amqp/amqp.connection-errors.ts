import { textOfThrown } from '../../errors/text-of-thrown.js';

/** What to do about a connection that could not be made, by the code or the text of the error. */
const ADVICE: ReadonlyArray<readonly [pattern: RegExp, advice: string]> = [
  [
    /authentication mechanism EXTERNAL/,
    'It knows no user of the name in the certificate. Its log tells the name: the distinguished name, or the common name if ' +
      '"ssl_cert_login_from" in its configuration says so. Run: rabbitmqctl add_user "CN=NAME" PASSWORD, then rabbitmqctl ' +
      'set_permissions -p VHOST "CN=NAME" ".*" ".*" ".*"',
  ],
  [
    /terminated by server: 403|ACCESS.REFUSED/,
    'It does not accept the user name or the password of the DSN. The user "guest" may only connect from the machine of the broker. ' +
      'Make another: rabbitmqctl add_user NAME, then rabbitmqctl set_permissions -p VHOST NAME ".*" ".*" ".*"',
  ],
  [
    /Expected ConnectionOpenOk/,
    'The virtual host at the end of the DSN does not exist, or the user has no permissions on it, or has as many connections as are ' +
      'allowed. Run: rabbitmqctl add_vhost VHOST, then rabbitmqctl set_permissions -p VHOST NAME ".*" ".*" ".*"; or see: rabbitmqctl ' +
      'list_vhosts',
  ],
  [/the connection was closed/, 'No transport uses it any more'],
  [
    /SASL mechanism EXTERNAL/,
    'Run there: rabbitmq-plugins enable rabbitmq_auth_mechanism_ssl, and add EXTERNAL to "auth_mechanisms" in its configuration',
  ],
  [/SASL mechanism/, 'Allow the mechanism PLAIN there ("auth_mechanisms" in its configuration)'],
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    'Its certificate is not trusted: name the file of its authority\'s certificate as "cacert"',
  ],
  [/ALTNAME_INVALID/, 'Its certificate is for another host: connect by that name, or switch "verify" off'],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'Renew its certificate'],
  [
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/,
    'It may want a certificate: name its file as "cert", and that of its key as "key"',
  ],
  [/WRONG_VERSION_NUMBER|EPROTO/, 'It may not speak TLS on this port: then write the DSN with "amqp:"'],
  [
    /closed abruptly/,
    'It may speak TLS on this port: then write the DSN with "amqps:"; or it may still be starting',
  ],
];

const USUAL_ADVICE =
  'Check that it runs, that the DSN names it, and that the DSN begins with "amqps:" if it speaks TLS, and only then';

/** What trying again does not help against: the broker answers, and wants something else. */
const REFUSAL =
  /terminated by server|Expected ConnectionOpenOk|SASL mechanism|CERT|SELF_SIGNED|EPROTO|ERR_SSL/;

/** Texts of amqplib that only say that a channel or its connection is closed. */
const VAGUE =
  /^(?:channel (?:closed|closing)|connection (?:closed|closing)\b|channel ended|unexpected close|the connection was lost)/i;

/** Whether the broker does not want this connection, so that somebody has to change something. */
export function isRefusal(error: unknown): boolean {
  return REFUSAL.test(`${systemCodeOf(error)} ${textOfError(error)}`);
}

/** Whether an error of amqplib says that there is no connection or channel any more, and not why. */
export function isVague(error: unknown): boolean {
  return typeof codeOf(error) !== 'number' && VAGUE.test(textOfError(error));
}

/** Why there is no connection, and what to do about it, to go on a sentence that names the server. */
export function describeConnectionError(cause: unknown): string {
  const code = systemCodeOf(cause);
  // An AggregateError, of several addresses of one host, has no text of its own.
  const text = textOfError(cause) || code;
  const known = ADVICE.find(([pattern]) => pattern.test(`${code} ${text}`))?.[1];
  const reason = isVague(cause) ? 'the connection was lost' : brokerTextOf(text);
  const verb = isRefusal(cause) ? 'refuses the connection' : 'cannot be reached';
  return `${verb} (${reason}). ${known ?? USUAL_ADVICE}.`;
}

/** The broker's own words in a text of amqplib, without a full stop. */
export function brokerTextOf(text: string): string {
  const said = /with message "(.*)"$/s.exec(text)?.[1] ?? text;
  return said
    .trim()
    .replace(/^[A-Z_]+ - /, '')
    .replace(/\.$/, '');
}

export function textOfError(error: unknown): string {
  return textOfThrown(error, 'an error that cannot be read');
}

/** A number: the broker's reply code. A text: Node.js's. */
export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

function systemCodeOf(error: unknown): string {
  const code = codeOf(error);
  return typeof code === 'string' ? code : '';
}
