import { textOfThrown } from '../../errors/text-of-thrown.js';

/** What to do about a connection that could not be made, by the code of Node.js's error. */
const ADVICE: ReadonlyArray<readonly [code: RegExp, advice: string]> = [
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    'Its certificate is not trusted: name the file of its authority\'s certificate as "ssl[cafile]"',
  ],
  [/ALTNAME_INVALID/, 'Its certificate is for another host: give that name as "ssl[peer_name]"'],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'Renew its certificate'],
  [/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/, 'It may want a certificate: name its file as "ssl[local_cert]"'],
  [/WRONG_VERSION_NUMBER|EPROTO/, 'It may not speak TLS: then write the DSN with "redis:"'],
  [/EACCES|EPERM/, 'This process may not use the socket: change its permissions ("unixsocketperm")'],
];

const USUAL_ADVICE =
  'Check that it runs, that the DSN names it, and that the DSN begins with "rediss:" if it speaks TLS, and only then';

const SENTINEL_ADVICE =
  'Check that the DSN names Sentinels, that "sentinel_master" is what they call the master, and that "auth" has their password, if ' +
  'they want one';

/** Texts of ioredis that only say that there is no connection. */
const VAGUE =
  /max retries per request|connection is closed|command aborted|isn't writeable|startup nodes is available|refresh slots cache/i;

/** What ioredis says when no Sentinel could be asked, with the reason of the last one. */
const NO_SENTINEL = /^All sentinels are unreachable(?:.*?Last error: (.*))?/;

/** Whether an error of ioredis says that there is no connection, and not why. */
export function isVague(error: unknown): boolean {
  const text = textOfError(error);
  return VAGUE.test(text) && !NO_SENTINEL.test(text);
}

/** Why there is no connection, and what to do about it, to go on a sentence that names the server. */
export function describeConnectionError(cause: unknown): string {
  const { code } = (cause ?? {}) as { code?: unknown };
  const known = typeof code === 'string' ? code : '';
  // An AggregateError, of several addresses of one host, has no text of its own.
  const text = textOfError(cause) || known;
  const sentinel = NO_SENTINEL.exec(text);
  const [reason, advice] =
    sentinel === null
      ? [isVague(cause) ? 'the connection was lost' : text, adviceFor(known)]
      : [reasonOfSentinels(sentinel[1]), SENTINEL_ADVICE];
  const doubt = 'If the command had reached it, it may have been carried out.';
  return `does not answer (${reason.replace(/\.$/, '')}). ${advice}. ${doubt}`;
}

export function textOfError(error: unknown): string {
  return textOfThrown(error, 'an error that cannot be read');
}

function adviceFor(code: string): string {
  return ADVICE.find(([pattern]) => pattern.test(code))?.[1] ?? USUAL_ADVICE;
}

function reasonOfSentinels(last: string | undefined): string {
  return last === undefined || VAGUE.test(last)
    ? 'no Sentinel answers'
    : `no Sentinel names the master: ${last}`;
}
