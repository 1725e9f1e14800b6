import { describe } from 'vitest';
import { openSqlite } from './databases.js';
import { sqliteLibraries } from './sqlite.libraries.js';
import { describeTransactions } from './suite.js';

describe('a transaction on SQLite', () => {
  for (const library of sqliteLibraries()) {
    let file = '';

    describeTransactions('sqlite', [{ name: library.name, open: () => library.open(file) }], () => {
      const database = openSqlite(library.driver);
      file = database.file;
      return database;
    });
  }
});
