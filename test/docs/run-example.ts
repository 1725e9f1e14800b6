import { format } from 'node:util';

const PRINTS = /\/\/ → (.*)$/gm;

/** What a block says that it prints: the comments `// → text`, in order. */
export function announcedOutput(code: string): readonly string[] {
  return [...code.matchAll(PRINTS)].map(([, text = '']) => text.trim());
}

/** Runs a module, and resolves with the lines it has printed. */
export async function runExample(file: string): Promise<readonly string[]> {
  const printed: string[] = [];
  const log = console.log;
  console.log = (...values: unknown[]) => void printed.push(...format(...values).split('\n'));
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    console.log = log;
  }
  return printed;
}
