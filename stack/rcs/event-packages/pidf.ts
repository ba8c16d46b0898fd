/** RFC 3863 `application/pidf+xml` with OMA presence's service descriptions (docs/rcs-signalling.md 3.2). */

import { childNamed, type XmlElement } from '../xml.ts';
import { childrenNamed, element, needed, readRoot, textElement, textOf, xmlDocument } from './document.ts';

export const PIDF_TYPE = 'application/pidf+xml';
const PIDF = 'urn:ietf:params:xml:ns:pidf';
const OMA = 'urn:oma:xml:prs:pidf:oma-pres';
const CAPS = 'urn:ietf:params:xml:ns:pidf:caps';

export interface PidfService {
  /** `org.openmobilealliance:ChatSession`, as written. */
  readonly serviceId: string;
  readonly version: string;
  readonly description?: string;
  /** `caps:servcaps`: which media a voice service has. */
  readonly media?: { readonly audio: boolean; readonly video: boolean };
}

export interface PidfTuple {
  readonly id: string;
  readonly basic: 'open' | 'closed';
  readonly service?: PidfService;
  readonly contact?: string;
  /** RFC 3339, as written. */
  readonly timestamp?: string;
}

export interface Pidf {
  readonly entity: string;
  readonly tuples: readonly PidfTuple[];
}

const DOCUMENT = 'pidf';

/** Throws EventBodyError, whatever the bytes. A tuple without status is open (RFC 3863 4.1.4: it says nothing else). */
export function readPidf(bytes: Uint8Array): Pidf {
  const root = readRoot(bytes, DOCUMENT, 'presence', PIDF);
  return {
    entity: needed(root, 'entity', DOCUMENT),
    tuples: childrenNamed(root, 'tuple').map(readTuple),
  };
}

export function writePidf({ entity, tuples }: Pidf): Uint8Array {
  const names = { xmlns: PIDF, 'xmlns:op': OMA, 'xmlns:caps': CAPS, entity };
  return xmlDocument(element('presence', names, [tuples.map(writeTuple).join('')]));
}

function readTuple(tuple: XmlElement): PidfTuple {
  const status = childNamed(tuple, 'status');
  const basic = status === undefined ? undefined : textOf(status, 'basic');
  const described = childNamed(tuple, 'service-description');
  const contact = textOf(tuple, 'contact');
  const timestamp = textOf(tuple, 'timestamp');
  return {
    id: tuple.attributes.get('id') ?? '',
    basic: basic?.toLowerCase() === 'closed' ? 'closed' : 'open',
    ...(described !== undefined && { service: readService(described, childNamed(tuple, 'servcaps')) }),
    ...(contact !== undefined && { contact }),
    ...(timestamp !== undefined && { timestamp }),
  };
}

function readService(described: XmlElement, servcaps: XmlElement | undefined): PidfService {
  const description = textOf(described, 'description');
  const has = (name: string): boolean => /^(?:true|1)$/i.test(textOf(servcaps!, name) ?? '');
  return {
    serviceId: textOf(described, 'service-id') ?? '',
    version: textOf(described, 'version') ?? '',
    ...(description !== undefined && { description }),
    ...(servcaps !== undefined && { media: { audio: has('audio'), video: has('video') } }),
  };
}

function writeTuple({ id, basic, service, contact, timestamp }: PidfTuple): string {
  return element('tuple', { id }, [
    element('status', {}, [textElement('basic', basic)]),
    service === undefined ? '' : writeService(service),
    textElement('contact', contact),
    textElement('timestamp', timestamp),
  ]);
}

function writeService({ serviceId, version, description, media }: PidfService): string {
  const described = element('op:service-description', {}, [
    textElement('op:service-id', serviceId),
    textElement('op:version', version),
    textElement('op:description', description),
  ]);
  if (media === undefined) return described;
  const servcaps = element('caps:servcaps', {}, [
    textElement('caps:audio', String(media.audio)),
    textElement('caps:video', String(media.video)),
  ]);
  return described + servcaps;
}
