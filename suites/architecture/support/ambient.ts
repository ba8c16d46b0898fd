import type { SourceFile } from './source-files.ts';
import { lineAt, nameOf, type SyntaxNode, type Visit, visits } from './syntax.ts';

/** A use of time, chance or the wire that did not come in through a port. */
export interface AmbientUse {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** Globals that are never to be named. */
const GLOBALS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'WebSocket',
  'EventSource',
  'performance',
];
/** Members that are never to be used, whatever object offers them. */
const MEMBERS = [
  'getRandomValues',
  'randomBytes',
  'randomUUID',
  'randomSecretKey',
  'randomPrivateKey',
  'generateKeys',
  'hrtime',
];
/** Members of one global. */
const OWN_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  AbortSignal: ['timeout'],
  globalThis: [...GLOBALS, 'crypto'],
};
/** What may not be imported from node:crypto: it draws its own randomness. */
const RANDOM_IMPORTS = [
  'randomBytes',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'generateKeyPairSync',
  'generateKeyPair',
  'webcrypto',
  'getRandomValues',
];
/** Modules that are the wire or the clock. */
const MODULES = /^node:(net|tls|dgram|http|https|http2|dns|timers|perf_hooks)(\/.*)?$/;

export function ambientUses({ path, text }: SourceFile): AmbientUse[] {
  const all = visits(text);
  const declared = declaredNames(all);
  return all.flatMap((visit) => {
    const what = ambient(visit, declared);
    return what === undefined ? [] : [{ file: path, line: lineAt(text, visit.node.start), what }];
  });
}

function ambient({ node, parent, field }: Visit, declared: ReadonlySet<string>): string | undefined {
  switch (node.type) {
    case 'MemberExpression':
      return ambientMember(node);
    case 'NewExpression':
      return isDate(node) && (node['arguments'] as unknown[]).length === 0 ? 'new Date()' : undefined;
    case 'CallExpression':
      return isDate(node) ? 'Date()' : undefined;
    case 'ImportDeclaration': {
      const source = nameOf(node['source'])!;
      return MODULES.test(source) ? source : undefined;
    }
    case 'ImportSpecifier': {
      const name = nameOf(node['imported'])!;
      return RANDOM_IMPORTS.includes(name) && nameOf(parent?.['source']) === 'node:crypto'
        ? `${name} of node:crypto`
        : undefined;
    }
    case 'Identifier': {
      const name = nameOf(node)!;
      return GLOBALS.includes(name) && !declared.has(name) && isReference(parent, field) ? name : undefined;
    }
    default:
      return undefined;
  }
}

function ambientMember(node: SyntaxNode): string | undefined {
  const object = nameOf(node['object']);
  const member = nameOf(node['property']);
  if (member === undefined) return undefined;
  const own =
    object === undefined ? undefined : Object.entries(OWN_MEMBERS).find(([name]) => name === object)?.[1];
  return MEMBERS.includes(member) || own?.includes(member) ? `${object ?? ''}.${member}` : undefined;
}

function isDate(node: SyntaxNode): boolean {
  return nameOf(node['callee']) === 'Date';
}

/** Whether an identifier stands for a value here, rather than for the name of a member, a key or a type. */
function isReference(parent: SyntaxNode | undefined, field: string): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return field === 'object' || parent['computed'] === true;
  if (parent.type === 'Property') return field === 'value';
  return (
    !/^(TS|MethodDefinition|PropertyDefinition|Import|Export)/.test(parent.type) ||
    parent.type.endsWith('Expression')
  );
}

/** Names that the file itself binds anywhere: parameters, variables, functions, imports. */
function declaredNames(all: readonly Visit[]): Set<string> {
  const bound = all.flatMap(({ node, parent, field }) => {
    if (node.type === 'ObjectPattern') {
      return (node['properties'] as SyntaxNode[]).map(
        (property) => property['value'] ?? property['argument'],
      );
    }
    const binds =
      (/Function/.test(parent?.type ?? '') && (field === 'params' || field === 'id')) ||
      (/^Import(Default|Namespace)?Specifier$/.test(parent?.type ?? '') && field === 'local') ||
      (parent?.type === 'VariableDeclarator' && field === 'id') ||
      parent?.type === 'ArrayPattern';
    return binds ? [node] : [];
  });
  const names = bound.map((one) => nameOf((one as SyntaxNode)['left'] ?? one));
  return new Set(names.filter((name) => name !== undefined));
}
