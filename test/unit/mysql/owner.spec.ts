import { describe, expect, it } from 'vitest';
import { ClaimStarts } from '../../../lib/transports/sql/server/mysql/mysql.claim-starts.js';
import { storedOwner } from '../../../lib/transports/sql/server/mysql/mysql.owner.js';

describe('the owner of a claim in MySQL', () => {
  it('is kept as it is if it fits', () => {
    expect(storedOwner('web-1:4711:a1b2c3d4e5f6/12')).toBe('web-1:4711:a1b2c3d4e5f6/12');
  });

  it.each([`${'h'.repeat(80)}:1:a/1`, 'bücher:1:a/1', 'with space/1', ''])('is made to fit: %s', (token) => {
    expect(storedOwner(token)).toMatch(/^sha256:[0-9a-f]{56}$/);
    expect(storedOwner(token)).not.toBe(storedOwner(`${token}2`));
  });
});

describe('where claims begin in MySQL', () => {
  it('is the end of the one before, until all is to be looked at again', () => {
    const starts = new ClaimStarts();
    expect(starts.of('a')).toBe(0);
    starts.note('a', 17);
    expect([starts.of('a'), starts.of('b')]).toEqual([17, 0]);
    starts.forget('a');
    expect(starts.of('a')).toBe(0);
    starts.note('a', 18);
    starts.forgetAll();
    expect(starts.of('a')).toBe(0);
  });
});
