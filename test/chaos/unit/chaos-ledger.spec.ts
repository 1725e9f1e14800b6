import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compiledApp } from '../../e2e/support/compiled-app.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';

const PROCESSES = 4;
const ROWS = 200;

function setup(): { readonly folder: string; readonly ledger: ChaosLedger } {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-ledger-'));
  const ledger = new ChaosLedger(folder);
  onTestFinished(() => {
    ledger.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, ledger };
}

describe('a ledger', () => {
  it('gives back what was written, in the order in which it was, with who wrote it and when', () => {
    const { ledger } = setup();
    const before = Date.now();
    ledger.note('first', 'm');
    ledger.fire({ point: 'before-ack', action: 'kill', ids: [] });
    ledger.note('second');
    const { notes, fired } = ledger.read();
    expect(notes.map(({ what, id, pid }) => [what, id, pid])).toEqual([
      ['first', 'm', process.pid],
      ['second', '', process.pid],
    ]);
    expect([...notes, ...fired].map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(fired.every(({ at }) => at >= before && at <= Date.now())).toBe(true);
  });

  it('is written by many processes at once, each of which is killed in the end, and loses no row', async () => {
    const { folder, ledger } = setup();
    const app = compiledApp('test/chaos/app', ['test/chaos/failpoints', 'test/chaos/ledger']);
    const script = join(folder, 'writer.cjs');
    writeFileSync(
      script,
      `const { ChaosLedger } = require(${JSON.stringify(join(app, '../ledger/chaos-ledger.js'))});
       const ledger = new ChaosLedger(${JSON.stringify(folder)});
       for (let n = 1; n <= ${ROWS}; n++) ledger.note(String(n), 'm');
       process.kill(process.pid, 'SIGKILL');`,
    );
    const children = Array.from({ length: PROCESSES }, () => fork(script, { stdio: 'ignore' }));
    await Promise.all(children.map((child) => once(child, 'exit')));
    const { notes } = ledger.read();
    for (const { pid } of children) {
      const written = notes.filter((note) => note.pid === pid).map(({ what }) => Number(what));
      expect(written).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1));
    }
  });
});
