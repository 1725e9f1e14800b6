import { Envelope } from '../../../lib/envelope/envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { describeSigning } from '../../fixtures/signing-suite.js';

describeSigning('memory', () => ({
  dsn: 'in-memory://?serialize=true',
  failureDsn: 'in-memory://?serialize=true',
  insert: async (headers, body, transport) => {
    await transport.send([new Envelope<object>(new UndecodableMessage({ headers, body }))]);
  },
  isLasting: false,
}));
