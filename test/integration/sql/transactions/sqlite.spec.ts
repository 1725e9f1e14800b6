import { describe } from 'vitest';
import { openSqlite } from './databases.js';
import { sqliteLibraries } from './sqlite.libraries.js';
import { describeTransactions } from './suite.js';

describe('a transaction on SQLite', () => {
  let file = '';
  const openDatabase = () => {
    const database = openSqlite();
    file = database.file;
    return database;
  };

  describeTransactions(
    sqliteLibraries(() => file),
    openDatabase,
  );
});
