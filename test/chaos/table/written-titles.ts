import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as TypeScript from 'typescript';

const ts = createRequire(__filename)('typescript') as typeof TypeScript;

/** A title as it is written, as a pattern: what is filled in may be anything. */
interface Title {
  readonly isTest: boolean;
  readonly pattern: string;
}

/** What surrounds a piece of a spec. */
interface Scope {
  /** The titles around it, as patterns. */
  readonly path: readonly string[];
  /** The texts that a suite was called with, by the names of its parameters. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * The full names of the tests in a spec file, as patterns. Their titles are read, not run. Those of a suite that the file imports
 * and calls, `describeHostile('Redis', …)`, are the file's as well.
 */
export function writtenTests(file: string): readonly RegExp[] {
  return testsIn(parsed(file), { path: [], texts: new Map() });
}

function testsIn(node: TypeScript.Node, scope: Scope): readonly RegExp[] {
  const title = ts.isCallExpression(node) ? titleOf(node, scope) : undefined;
  const inside = title === undefined ? scope : { ...scope, path: [...scope.path, title.pattern] };
  const found = title?.isTest === true ? [new RegExp(`^${inside.path.join(' > ')}$`)] : [];
  const called = ts.isCallExpression(node) ? testsOfSuite(node, scope) : [];
  ts.forEachChild(node, (child) => {
    found.push(...testsIn(child, inside));
  });
  return [...found, ...called];
}

/** The tests of a suite of another file, if that is what is called. */
function testsOfSuite(
  { expression, arguments: given }: TypeScript.CallExpression,
  scope: Scope,
): readonly RegExp[] {
  const name = expression.getText();
  const file = /^describe[A-Z]\w*$/.test(name) ? importedFrom(expression.getSourceFile(), name) : undefined;
  const suite = file === undefined ? undefined : functionIn(parsed(file), name);
  if (suite?.body === undefined) {
    return [];
  }
  const texts = new Map<string, string>();
  suite.parameters.forEach((parameter, at) => {
    const argument = given[at];
    if (argument !== undefined && ts.isStringLiteralLike(argument)) {
      texts.set(parameter.name.getText(), argument.text);
    }
  });
  return testsIn(suite.body, { path: scope.path, texts });
}

function parsed(file: string): TypeScript.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

/** The file that a name is imported from, if it is one of this repository. */
function importedFrom(source: TypeScript.SourceFile, name: string): string | undefined {
  const declaration = source.statements.filter(ts.isImportDeclaration).find(({ importClause }) => {
    const names = importClause?.namedBindings;
    return (
      names !== undefined && ts.isNamedImports(names) && names.elements.some((one) => one.name.text === name)
    );
  });
  const from = declaration?.moduleSpecifier;
  return from !== undefined && ts.isStringLiteral(from) && from.text.startsWith('.')
    ? join(dirname(source.fileName), from.text.replace(/\.js$/, '.ts'))
    : undefined;
}

function functionIn(source: TypeScript.SourceFile, name: string): TypeScript.FunctionDeclaration | undefined {
  return source.statements.filter(ts.isFunctionDeclaration).find((one) => one.name?.text === name);
}

function titleOf(call: TypeScript.CallExpression, scope: Scope): Title | undefined {
  const name = /^(describe|it)\b/.exec(call.expression.getText())?.[1];
  const [first, second] = call.arguments;
  // `describe.each(rows)` is called with rows first, and has no body; what that returns is called with the title.
  if (name === undefined || first === undefined || second === undefined) {
    return undefined;
  }
  const pattern = patternOf(first, scope);
  return pattern === undefined ? undefined : { isTest: name === 'it', pattern };
}

function patternOf(title: TypeScript.Expression, { texts }: Scope): string | undefined {
  if (ts.isStringLiteralLike(title)) {
    return escaped(title.text).replaceAll(/\\\$[\w.]+|%[a-zA-Z]/g, '.+');
  }
  if (ts.isTemplateExpression(title)) {
    const parts = title.templateSpans.map(({ expression, literal }) => {
      const text = texts.get(expression.getText());
      return `${text === undefined ? '.+' : escaped(text)}${escaped(literal.text)}`;
    });
    return `${escaped(title.head.text)}${parts.join('')}`;
  }
  return undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
