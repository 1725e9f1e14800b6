import { describe } from 'vitest';
import { openPostgres } from './databases.js';
import { postgresLibraries } from './postgres.libraries.js';
import { describeTransactions } from './suite.js';

describe('a transaction on PostgreSQL', () => {
  describeTransactions('postgres', postgresLibraries, openPostgres);
});
