import type { FailingAppPlace } from '../../fixtures/failing-app.js';
import { describeHostile, describeLongNames, describeStrangeNames } from '../../fixtures/hostile-suite.js';
import { insertRow, temporaryFile } from './setup.js';

function placeIn(queueName: string): FailingAppPlace {
  const file = temporaryFile();
  const query = (name: string) => new URLSearchParams({ queue_name: name }).toString();
  return {
    dsn: `sqlite:${file}?${query(queueName)}`,
    failureDsn: `sqlite:${file}?${query(`${queueName}_failed`)}`,
    insert: async (headers, body) => insertRow(file, { queueName, body, headers: JSON.stringify(headers) }),
  };
}

describeHostile('SQLite', () => placeIn('async'));
describeStrangeNames('SQLite', placeIn);
describeLongNames('SQLite', { longest: () => 'é'.repeat(1_000) }, placeIn);
