import { describeFailureTransport } from '../../fixtures/failure-transport-suite.js';
import { insertRow, temporaryFile } from './setup.js';

describeFailureTransport('SQLite', () => {
  const file = temporaryFile();
  return {
    dsn: `sqlite:${file}?queue_name=async`,
    failureDsn: `sqlite:${file}?queue_name=failed`,
    insert: async (headers, body) =>
      insertRow(file, { queueName: 'async', body, headers: JSON.stringify(headers) }),
  };
});
