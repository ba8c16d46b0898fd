/** What the XML bodies of event packages have in common: bounds, one error, attributes, and text that is written safely. */

import { childNamed, escapeXml, parseXml, type XmlElement, XmlError } from '../xml.ts';

/** The only error of these readers: which document, where, and what was expected. */
export class EventBodyError extends Error {
  override readonly name = 'EventBodyError';
  readonly document: string;
  readonly field: string;
  constructor(document: string, field: string, expected: string) {
    super(`${document} ${field}: expected ${expected}`);
    this.document = document;
    this.field = field;
  }
}

const LIMITS = { maxBytes: 1_048_576, maxDepth: 32, maxElements: 20_000 } as const;

/** The root element when it is `name` in `namespace`. Throws EventBodyError, whatever the bytes. */
export function readRoot(bytes: Uint8Array, document: string, name: string, namespace: string): XmlElement {
  let root: XmlElement;
  try {
    root = parseXml(bytes, LIMITS);
  } catch (error) {
    if (error instanceof XmlError) throw new EventBodyError(document, 'document', error.message);
    throw error;
  }
  if (root.name !== name || root.namespace !== namespace) {
    throw new EventBodyError(document, name, `a root element ${name} of ${namespace}`);
  }
  return root;
}

export function childrenNamed(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The trimmed text of the first child of that name; undefined without one. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return childNamed(element, name)?.text.trim();
}

/** Throws EventBodyError when the attribute is missing. */
export function needed(element: XmlElement, name: string, document: string): string {
  const value = element.attributes.get(name)?.trim();
  if (value === undefined) throw new EventBodyError(document, element.name, `an attribute ${name}`);
  return value;
}

/** A number from 0 to 2^32 - 1. Throws EventBodyError. */
export function neededNumber(element: XmlElement, name: string, document: string): number {
  const text = needed(element, name, document);
  if (!/^[0-9]{1,10}$/.test(text)) throw new EventBodyError(document, `${element.name}/${name}`, 'a number');
  return Number(text);
}

/** One of the words, or an error. */
export function neededWord<W extends string>(
  element: XmlElement,
  name: string,
  words: readonly W[],
  document: string,
): W {
  const text = needed(element, name, document);
  const word = words.find((each) => each === text);
  if (word === undefined) throw new EventBodyError(document, `${element.name}/${name}`, words.join(' or '));
  return word;
}

/** ` name="value"` for each that is there. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeXml(String(value))}"`))
    .join('');
}

/** `<name attributes>content</name>`; the content must be XML already. */
export function element(
  name: string,
  values: Readonly<Record<string, string | number | undefined>>,
  content: readonly string[] = [],
): string {
  const open = `<${name}${attributes(values)}`;
  return content.length === 0 ? `${open}/>` : `${open}>${content.join('')}</${name}>`;
}

export function textElement(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`;
}

export function xmlDocument(root: string): Uint8Array {
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>${root}`);
}
