import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/transports/amqp.md'), 'utf8');

/** The texts in the first column of the last table; `…` stands for anything, and names of classes are none. */
const texts = [...page.slice(page.indexOf('\n## When something is wrong')).matchAll(/^\| (`.*?`[^|]*) \|/gm)]
  .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
  .filter((text) => !/^\w+Error$/.test(text));

/** The source of what may say them, with texts in one piece that are written in several. */
const source = [
  ...filesIn('lib/transports/amqp'),
  ...filesIn('lib/transport'),
  ...filesIn('lib/errors'),
  ...filesIn('lib/worker'),
]
  .map((file) =>
    readFileSync(file, 'utf8')
      .replaceAll(/['`"] \+\n\s*['`"]/g, '')
      .replaceAll("\\'", "'"),
  )
  .join('\n');

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(root, folder, String(file)))
    .filter((file) => file.endsWith('.ts'));
}

/** What stands between the parts that vary. */
function fixedParts(text: string): readonly string[] {
  return text
    .split('…')
    .map((part) => part.trim())
    .filter((part) => part.length > 1);
}

describe('the texts in the documentation of the RabbitMQ transport', () => {
  it('are there', () => expect(texts.length).toBeGreaterThan(20));

  it.each(texts)('include one that is in the code: %s', (text) => {
    expect(fixedParts(text).filter((part) => !source.includes(part))).toEqual([]);
  });
});
