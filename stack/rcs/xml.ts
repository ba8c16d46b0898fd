/**
 * A small, safe view of an XML 1.0 document with namespaces: elements, attributes and text, nothing else. Bounded in
 * size and depth; document types, unknown entities and mismatched tags are refused.
 */

import { XMLParser } from 'fast-xml-parser';

export interface XmlElement {
  /** Local name, as written. */
  readonly name: string;
  /** Namespace name bound to its prefix (or the default one); undefined when none is bound. */
  readonly namespace: string | undefined;
  /** By name as written, prefix included; entities resolved. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Direct text and CDATA, concatenated, entities resolved. */
  readonly text: string;
}

export interface XmlLimits {
  /** Bytes of the document. */
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  /** `external` skips a `<!DOCTYPE>` without internal subset (it is never fetched); `refuse` is the default. */
  readonly doctype?: 'refuse' | 'external';
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
});

/** No document of RCS has more than a handful. */
const MAX_ATTRIBUTES = 64;

interface OrderedNode {
  readonly [key: string]: unknown;
}

/** The root element of a document. Throws XmlError, whatever the bytes. */
export function parseXml(bytes: Uint8Array, limits: XmlLimits): XmlElement {
  if (bytes.length > limits.maxBytes) {
    throw new XmlError(`document of ${bytes.length} bytes, at most ${limits.maxBytes} are accepted`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    throw new XmlError('document is not UTF-8');
  }
  if (/<!DOCTYPE/i.test(text)) {
    if (limits.doctype !== 'external') {
      throw new XmlError('a document type is not accepted');
    }
    text = text.replace(/<!DOCTYPE[^[\]<>]*>/, '');
    if (/<!DOCTYPE/i.test(text)) {
      throw new XmlError('a document type with an internal subset is not accepted');
    }
  }
  let nodes: OrderedNode[];
  try {
    nodes = parser.parse(text, true) as OrderedNode[];
  } catch (error) {
    throw new XmlError(
      `not well-formed: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}`,
    );
  }
  const budget = { elements: limits.maxElements };
  const roots = nodes.filter((node) => elementName(node) !== undefined);
  const root = roots[0];
  if (root === undefined || roots.length !== 1) {
    throw new XmlError(`expected one root element, found ${roots.length}`);
  }
  return toElement(root, new Map(), limits.maxDepth, budget);
}

/** The first child with this local name, in any namespace. */
export function childNamed(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** Escapes character data and attribute values. Throws XmlError on a character XML 1.0 can't carry. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text) || !text.isWellFormed()) {
    throw new XmlError('text holds a character that XML 1.0 cannot carry');
  }
  return text.replace(/[&<>"'\t\n\r]/g, (c) => ESCAPES[c]!);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function elementName(node: OrderedNode): string | undefined {
  for (const key of Object.keys(node)) {
    if (key !== ':@' && key !== '#text' && key !== '#cdata') {
      return key;
    }
  }
  return undefined;
}

function toElement(
  node: OrderedNode,
  inherited: ReadonlyMap<string, string>,
  depth: number,
  budget: { elements: number },
): XmlElement {
  if (depth === 0) {
    throw new XmlError('elements are nested too deeply');
  }
  if (--budget.elements < 0) {
    throw new XmlError('too many elements');
  }
  const qualified = elementName(node)!;
  const attributes = new Map<string, string>();
  const bound = new Map<string, string>();
  const written = Object.entries((node[':@'] ?? {}) as Record<string, unknown>);
  if (written.length > MAX_ATTRIBUTES) {
    throw new XmlError(`an element has more than ${MAX_ATTRIBUTES} attributes`);
  }
  for (const [name, value] of written) {
    const resolved = resolveEntities(String(value));
    attributes.set(name, resolved);
    if (name === 'xmlns' || name.startsWith('xmlns:')) {
      bound.set(name === 'xmlns' ? '' : name.slice(6), resolved);
    }
  }
  // Copied once an element, not once a declaration: a document of nothing but declarations must not cost their square.
  const namespaces = bound.size === 0 ? inherited : new Map([...inherited, ...bound]);
  const children: XmlElement[] = [];
  let text = '';
  for (const child of node[qualified] as OrderedNode[]) {
    if (typeof child['#text'] === 'string') {
      text += resolveEntities(child['#text']);
    } else if (child['#cdata'] !== undefined) {
      for (const piece of child['#cdata'] as OrderedNode[]) {
        text += String(piece['#text'] ?? '');
      }
    } else {
      children.push(toElement(child, namespaces, depth - 1, budget));
    }
  }
  const colon = qualified.indexOf(':');
  const prefix = colon < 0 ? '' : qualified.slice(0, colon);
  return {
    name: colon < 0 ? qualified : qualified.slice(colon + 1),
    namespace: namespaces.get(prefix) || undefined,
    attributes,
    children,
    text,
  };
}

function resolveEntities(text: string): string {
  if (!text.includes('&')) {
    return text;
  }
  return text.replace(/&([^;&]{0,12};?)/g, (_, reference: string) => {
    const name = reference.endsWith(';') ? reference.slice(0, -1) : '';
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    const point =
      code === null ? Number.NaN : code[1] !== undefined ? Number.parseInt(code[1], 16) : Number(code[2]);
    if (point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)) {
      return String.fromCodePoint(point);
    }
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known === undefined) {
      throw new XmlError('an undeclared entity is not accepted');
    }
    return known;
  });
}
