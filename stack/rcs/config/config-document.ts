/**
 * The configuration document of RCC.14: a `wap-provisioningdoc` tree of characteristics and parms. Names are compared
 * without case and `param` is read as `parm`, as peers write both.
 */

import { escapeXml, parseXml, type XmlElement, XmlError } from '../xml.ts';
import { ConfigError } from './config-error.ts';

export interface Parm {
  readonly name: string;
  readonly value: string;
}

export interface Characteristic {
  readonly type: string;
  readonly parms: readonly Parm[];
  readonly characteristics: readonly Characteristic[];
}

export interface ConfigDocument extends Characteristic {
  readonly type: 'wap-provisioningdoc';
}

const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 24, maxElements: 8192, doctype: 'external' } as const;

/** Other names of an application in documents of other generations. */
const APPLICATION_ALIASES: Readonly<Record<string, readonly string[]>> = {
  ap2001: ['ap2001', 'urn:oma:mo:ext-3gpp-ims:1.0'],
  ap2002: ['ap2002'],
};

/** Parses a document; throws ConfigError, whatever the bytes. */
export function parseConfigDocument(bytes: Uint8Array): ConfigDocument {
  let root: XmlElement;
  try {
    root = parseXml(bytes, LIMITS);
  } catch (error) {
    if (error instanceof XmlError) {
      throw new ConfigError('document', `an XML document, but ${error.message}`);
    }
    throw error;
  }
  if (root.name.toLowerCase() !== 'wap-provisioningdoc') {
    throw new ConfigError('document', 'a root element wap-provisioningdoc');
  }
  return { ...content(root), type: 'wap-provisioningdoc' };
}

/** The bytes of a document tree, in UTF-8 and in the order given. */
export function serializeConfigDocument(document: ConfigDocument): Uint8Array {
  const lines = ['<?xml version="1.0"?>', '<wap-provisioningdoc version="1.1">'];
  writeContent(document, 1, lines);
  lines.push('</wap-provisioningdoc>', '');
  return new TextEncoder().encode(lines.join('\n'));
}

/**
 * The value of a parm of the application `appId` (`ap2001`, `ap2002`), or of the whole document when undefined.
 * `name` is a name or the last elements of a path, `StandaloneMsg/MaxSize`; the parm nearest to the root wins, then
 * the first. So a parm is found by name wherever its document's shape puts it (hazard R73 in docs/rcs-signalling.md).
 */
export function findParm(
  document: ConfigDocument,
  appId: string | undefined,
  name: string,
): string | undefined {
  return findParms(document, appId, name)[0];
}

/** As findParm, every value; nearest to the root first. */
export function findParms(document: ConfigDocument, appId: string | undefined, name: string): string[] {
  const wanted = name.toLowerCase().split('/');
  const parmName = wanted.pop();
  const values: string[] = [];
  let level = scopes(document, appId).map((characteristic) => ({
    characteristic,
    path: [] as readonly string[],
  }));
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { characteristic, path } of level) {
      if (wanted.every((step, i) => path[path.length - wanted.length + i] === step)) {
        for (const parm of characteristic.parms) {
          if (parm.name.toLowerCase() === parmName) {
            values.push(parm.value);
          }
        }
      }
      for (const child of characteristic.characteristics) {
        next.push({ characteristic: child, path: [...path, child.type.toLowerCase()] });
      }
    }
    level = next;
  }
  return values;
}

/** The APPLICATION characteristics with this AppID; all of them when undefined. */
export function applications(document: ConfigDocument, appId?: string): Characteristic[] {
  const all = document.characteristics.filter((child) => child.type.toLowerCase() === 'application');
  if (appId === undefined) {
    return all;
  }
  const ids = Object.hasOwn(APPLICATION_ALIASES, appId) ? APPLICATION_ALIASES[appId]! : [appId];
  return all.filter((application) =>
    application.parms.some(
      (parm) => parm.name.toLowerCase() === 'appid' && ids.includes(parm.value.trim().toLowerCase()),
    ),
  );
}

function scopes(document: ConfigDocument, appId: string | undefined): readonly Characteristic[] {
  return appId === undefined ? [document] : applications(document, appId);
}

function content(element: XmlElement): Omit<Characteristic, 'type'> {
  const parms: Parm[] = [];
  const characteristics: Characteristic[] = [];
  for (const child of element.children) {
    const kind = child.name.toLowerCase();
    if (kind === 'characteristic') {
      characteristics.push({ type: attribute(child, 'type') ?? '', ...content(child) });
    } else if (kind === 'parm' || kind === 'param') {
      parms.push({ name: attribute(child, 'name') ?? '', value: attribute(child, 'value') ?? '' });
    }
  }
  return { parms, characteristics };
}

function attribute(element: XmlElement, name: string): string | undefined {
  for (const [written, value] of element.attributes) {
    if (written.toLowerCase() === name) {
      return value;
    }
  }
  return undefined;
}

function writeContent(characteristic: Characteristic, depth: number, lines: string[]): void {
  const indent = ' '.repeat(depth);
  for (const parm of characteristic.parms) {
    lines.push(`${indent}<parm name="${escaped(parm.name)}" value="${escaped(parm.value)}"/>`);
  }
  for (const child of characteristic.characteristics) {
    lines.push(`${indent}<characteristic type="${escaped(child.type)}">`);
    writeContent(child, depth + 1, lines);
    lines.push(`${indent}</characteristic>`);
  }
}

function escaped(text: string): string {
  try {
    return escapeXml(text);
  } catch {
    throw new ConfigError('document', 'names and values that XML 1.0 can carry');
  }
}
