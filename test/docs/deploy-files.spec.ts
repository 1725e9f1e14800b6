import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
const folder = join(root, 'sample-app/deploy');

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.dockerignore'))
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

describe('the page on deployment', () => {
  it('has files to show', () => expect(files.length).toBe(5));

  it.each(files)('shows %s as it is', (file) => {
    const [, after = ''] = page.split(`sample-app/deploy/${file}\``);
    const [, shown] = /^[^\n]*\n\n```\w+\n(.*?)^```$/ms.exec(after) ?? [];

    expect(shown).toBe(readFileSync(join(folder, file), 'utf8'));
  });
});
