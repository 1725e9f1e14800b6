import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as TypeScript from 'typescript';

const ts = createRequire(__filename)('typescript') as typeof TypeScript;

/** A title as it is written, as a pattern: what is filled in may be anything. */
interface Title {
  readonly isTest: boolean;
  readonly pattern: string;
}

/** The full names of the tests in a spec file, as patterns. Their titles are read, not run. */
export function writtenTests(file: string): readonly RegExp[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: RegExp[] = [];
  const visit = (node: TypeScript.Node, path: readonly string[]): void => {
    const title = ts.isCallExpression(node) ? titleOf(node) : undefined;
    const inside = title === undefined ? path : [...path, title.pattern];
    if (title?.isTest === true) {
      found.push(new RegExp(`^${inside.join(' > ')}$`));
    }
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, []);
  return found;
}

function titleOf(call: TypeScript.CallExpression): Title | undefined {
  const name = /^(describe|it)\b/.exec(call.expression.getText())?.[1];
  const [first, second] = call.arguments;
  // `describe.each(rows)` is called with rows first, and has no body; what that returns is called with the title.
  if (name === undefined || first === undefined || second === undefined) {
    return undefined;
  }
  const pattern = patternOf(first);
  return pattern === undefined ? undefined : { isTest: name === 'it', pattern };
}

function patternOf(title: TypeScript.Expression): string | undefined {
  if (ts.isStringLiteralLike(title)) {
    return escaped(title.text).replaceAll(/\\\$[\w.]+|%[a-zA-Z]/g, '.+');
  }
  if (ts.isTemplateExpression(title)) {
    const parts = title.templateSpans.map(({ literal }) => `.+${escaped(literal.text)}`);
    return `${escaped(title.head.text)}${parts.join('')}`;
  }
  return undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
