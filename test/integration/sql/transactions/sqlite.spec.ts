import { describe } from 'vitest';
import { openSqlite } from './databases.js';
import { sqliteLibraries } from './sqlite.libraries.js';
import { describeTransactions } from './suite.js';

describe('a transaction on SQLite', () => {
  for (const { name, driver, open } of sqliteLibraries()) {
    let file = '';

    describeTransactions('sqlite', [{ name, open: () => open(file) }], () => {
      const database = openSqlite(driver);
      file = database.file;
      return database;
    });
  }
});
