import { describe } from 'vitest';
import { openMysql } from './databases.js';
import { mysqlLibraries } from './mysql.libraries.js';
import { describeTransactions } from './suite.js';

describe('a transaction on MariaDB', () => {
  describeTransactions('mysql', mysqlLibraries, openMysql);
});
