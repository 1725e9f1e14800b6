import { describe, expect, it } from 'vitest';
import { StatementNames } from '../../../../lib/transports/sql/server/postgres/postgres.statement-names.js';

const serverError = (code: string) => Object.assign(new Error('refused'), { code, severity: 'ERROR' });

describe('the names of statements that PostgreSQL keeps', () => {
  it('are the same for one text, and others for another; short enough to be told apart by the server', () => {
    const names = new StatementNames();
    const [one, again, two] = [names.of('SELECT 1'), names.of('SELECT 1'), names.of('SELECT 2')];
    expect(one).toEqual({
      name: expect.stringMatching(/^messenger_[\w-]{22}$/) as unknown,
      text: 'SELECT 1',
    });
    expect(again).toBe(one);
    expect(two).not.toMatchObject({ name: (one as { name: string }).name });
  });

  it.each(['26000', '42P05'])('are given up when the server answers that it keeps others (%s)', (code) => {
    const names = new StatementNames();
    names.failed(serverError(code));
    expect(names.of('SELECT 1')).toBe('SELECT 1');
  });

  it('are kept when a statement fails for another reason', () => {
    const names = new StatementNames();
    names.failed(serverError('23505'));
    names.failed(new Error('26000'));
    expect(names.of('SELECT 1')).toMatchObject({ text: 'SELECT 1' });
  });
});
