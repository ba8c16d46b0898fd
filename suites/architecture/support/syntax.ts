import { parseAst } from 'vitest/node';

/** A node of an ESTree syntax tree with TypeScript in it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

export interface Visit {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
  /** The field of `parent` that holds `node`. */
  readonly field: string;
}

/** Every node of a TypeScript source, parents first. Throws SyntaxError. */
export function visits(text: string): Visit[] {
  const found: Visit[] = [];
  const walk = (value: unknown, parent: SyntaxNode | undefined, field: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, parent, field);
    if (!isNode(value)) return;
    found.push({ node: value, parent, field });
    for (const [name, inner] of Object.entries(value)) walk(inner, value, name);
  };
  walk(parseAst(text, { lang: 'ts', astType: 'ts' }), undefined, '');
  return found;
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** The name of an identifier, or the text of a string literal. */
export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return String(value['name']);
  return value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;
}
