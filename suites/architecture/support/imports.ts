import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';
import { isNode, lineAt, nameOf, visits } from './syntax.ts';

export interface Import {
  readonly file: string;
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** Path inside the project, for a relative one. */
  readonly target: string | undefined;
}

const STATIC = [
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
];

/** What a file imports: statically, by `export from`, dynamically, as types, and modules by `new URL(x, import.meta.url)`. */
export function importsOf({ path, text }: SourceFile): Import[] {
  return visits(text).flatMap(({ node }) => {
    const source = STATIC.includes(node.type) ? (node['source'] ?? node['argument']) : moduleUrl(node);
    const specifier = isNode(source) ? nameOf(source['literal'] ?? source) : undefined;
    if (specifier === undefined) return [];
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
    return [{ file: path, line: lineAt(text, node.start), specifier, target }];
  });
}

function moduleUrl(node: { readonly type: string; readonly [field: string]: unknown }): unknown {
  if (node.type !== 'NewExpression' || nameOf(node['callee']) !== 'URL') return undefined;
  const [source] = node['arguments'] as readonly unknown[];
  return nameOf(source)?.endsWith('.ts') ? source : undefined;
}
