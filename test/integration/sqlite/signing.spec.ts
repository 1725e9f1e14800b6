import { describeSigning } from '../../fixtures/signing-suite.js';
import { insertRow, temporaryFile } from './setup.js';

describeSigning('SQLite', () => {
  const file = temporaryFile();
  return {
    dsn: `sqlite:${file}?queue_name=async`,
    failureDsn: `sqlite:${file}?queue_name=failed`,
    insert: async (headers, body) =>
      insertRow(file, { queueName: 'async', body, headers: JSON.stringify(headers) }),
  };
});
