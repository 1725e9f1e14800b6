/** A fenced TypeScript block of a page, or the hidden text of a comment `<!-- ts … -->`. */
export interface CodeBlock {
  /** The page's path from the root of the repository. */
  readonly page: string;
  /** The line of the opening fence, counted from 1; the code begins on the next one. */
  readonly line: number;
  readonly code: string;
  /** What follows `ts` on the fence: `run`, `no-check` and its reason, or nothing. */
  readonly mode: 'check' | 'run' | 'no-check' | 'hidden';
  /** Why a block is not checked; empty for the others. */
  readonly reason: string;
}

const FENCE = /^(\s*)(`{3,})\s*([\w-]*)\s*(.*)$/;
const TYPESCRIPT = new Set(['ts', 'typescript', 'tsx', 'mts', 'cts']);
const HIDDEN = /^<!--\s*ts\s*$/;

/** The TypeScript of a Markdown page, in order. @throws Error for a fence that is not closed, or an unknown mode. */
export function codeBlocksOf(page: string, markdown: string): readonly CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = openingOf(lines[at] ?? '');
    if (opening === undefined) {
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && opening.isClosedBy(line));
    if (end === -1) {
      throw new Error(`${page}:${at + 1} opens a block that is never closed.`);
    }
    if (opening.isTypeScript) {
      const code = lines.slice(at + 1, end).map((line) => line.slice(opening.indent));
      blocks.push({
        page,
        line: at + 1,
        code: code.join('\n'),
        ...modeOf(opening.info, `${page}:${at + 1}`),
      });
    }
    at = end;
  }
  return blocks;
}

interface Opening {
  readonly isTypeScript: boolean;
  readonly indent: number;
  readonly info: string;
  isClosedBy(line: string): boolean;
}

function openingOf(line: string): Opening | undefined {
  if (HIDDEN.test(line)) {
    return { isTypeScript: true, indent: 0, info: 'hidden', isClosedBy: (text) => text.trim() === '-->' };
  }
  const [, indent, fence, language = '', info = ''] = FENCE.exec(line) ?? [];
  if (indent === undefined || fence === undefined) {
    return undefined;
  }
  return {
    isTypeScript: TYPESCRIPT.has(language),
    indent: indent.length,
    info: info.trim(),
    isClosedBy: (text) => text.trim() === fence,
  };
}

function modeOf(info: string, where: string): Pick<CodeBlock, 'mode' | 'reason'> {
  const [mode = '', ...reason] = info === '' ? ['check'] : info.split(/\s+/);
  if (mode !== 'check' && mode !== 'run' && mode !== 'no-check' && mode !== 'hidden') {
    throw new Error(`${where}: "${mode}" is no mode of an example. Write "run", or "no-check" and a reason.`);
  }
  return { mode, reason: reason.join(' ') };
}
