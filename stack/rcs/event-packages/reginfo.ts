/** RFC 3680: `application/reginfo+xml`, the state of registrations; GRUUs as RFC 5628 adds them. */

import { childNamed, escapeXml, type XmlElement } from '../xml.ts';
import {
  childrenNamed,
  element,
  needed,
  neededNumber,
  neededWord,
  readRoot,
  textElement,
  textOf,
  xmlDocument,
} from './document.ts';

export const REGINFO_TYPE = 'application/reginfo+xml';
const NAMESPACE = 'urn:ietf:params:xml:ns:reginfo';
const GRUU_NAMESPACE = 'urn:ietf:params:xml:ns:gruuinfo';

const REGISTRATION_STATES = ['init', 'active', 'terminated'] as const;
const CONTACT_STATES = ['active', 'terminated'] as const;
const CONTACT_EVENTS = [
  'registered',
  'created',
  'refreshed',
  'shortened',
  'expired',
  'deactivated',
  'probation',
  'unregistered',
  'rejected',
] as const;

export type ContactEvent = (typeof CONTACT_EVENTS)[number];

export interface ReginfoContact {
  readonly id: string;
  readonly state: (typeof CONTACT_STATES)[number];
  readonly event: ContactEvent;
  readonly uri: string;
  /** Seconds that are left. */
  readonly expires?: number;
  /** Seconds before another REGISTER, for `probation`. */
  readonly retryAfter?: number;
  readonly callId?: string;
  readonly cseq?: number;
  readonly displayName?: string;
  /** `unknown-param`: Contact parameters by name, e.g. `+sip.instance`. */
  readonly params?: ReadonlyMap<string, string>;
  readonly publicGruu?: string;
  readonly temporaryGruu?: { readonly uri: string; readonly firstCseq: number };
}

export interface ReginfoRegistration {
  /** Address of record. */
  readonly aor: string;
  readonly id: string;
  readonly state: (typeof REGISTRATION_STATES)[number];
  readonly contacts: readonly ReginfoContact[];
}

export interface Reginfo {
  readonly version: number;
  readonly state: 'full' | 'partial';
  readonly registrations: readonly ReginfoRegistration[];
}

const DOCUMENT = 'reginfo';

/** Throws EventBodyError, whatever the bytes. */
export function readReginfo(bytes: Uint8Array): Reginfo {
  const root = readRoot(bytes, DOCUMENT, 'reginfo', NAMESPACE);
  return {
    version: neededNumber(root, 'version', DOCUMENT),
    state: neededWord(root, 'state', ['full', 'partial'], DOCUMENT),
    registrations: childrenNamed(root, 'registration').map((registration) => ({
      aor: needed(registration, 'aor', DOCUMENT),
      id: needed(registration, 'id', DOCUMENT),
      state: neededWord(registration, 'state', REGISTRATION_STATES, DOCUMENT),
      contacts: childrenNamed(registration, 'contact').map(readContact),
    })),
  };
}

export function writeReginfo({ version, state, registrations }: Reginfo): Uint8Array {
  const written = registrations.map(({ aor, id, state: of, contacts }) =>
    element('registration', { aor, id, state: of }, contacts.map(writeContact)),
  );
  return xmlDocument(
    element('reginfo', { xmlns: NAMESPACE, 'xmlns:gr': GRUU_NAMESPACE, version, state }, [written.join('')]),
  );
}

function readContact(contact: XmlElement): ReginfoContact {
  const number = (name: string): number | undefined =>
    contact.attributes.has(name) ? neededNumber(contact, name, DOCUMENT) : undefined;
  const expires = number('expires');
  const retryAfter = number('retry-after');
  const cseq = number('cseq');
  const callId = contact.attributes.get('callid');
  const displayName = textOf(contact, 'display-name');
  const params = new Map(
    childrenNamed(contact, 'unknown-param').map((param) => [
      needed(param, 'name', DOCUMENT).toLowerCase(),
      param.text.trim(),
    ]),
  );
  const publicGruu = childNamed(contact, 'pub-gruu')?.attributes.get('uri');
  const temporary = childNamed(contact, 'temp-gruu');
  return {
    id: needed(contact, 'id', DOCUMENT),
    state: neededWord(contact, 'state', CONTACT_STATES, DOCUMENT),
    event: neededWord(contact, 'event', CONTACT_EVENTS, DOCUMENT),
    uri: textOf(contact, 'uri') ?? '',
    ...(expires !== undefined && { expires }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(callId !== undefined && { callId }),
    ...(cseq !== undefined && { cseq }),
    ...(displayName !== undefined && { displayName }),
    ...(params.size > 0 && { params }),
    ...(publicGruu !== undefined && { publicGruu }),
    ...(temporary !== undefined && {
      temporaryGruu: {
        uri: needed(temporary, 'uri', DOCUMENT),
        firstCseq: neededNumber(temporary, 'first-cseq', DOCUMENT),
      },
    }),
  };
}

function writeContact(contact: ReginfoContact): string {
  const { id, state, event, uri, expires, retryAfter, callId, cseq, displayName, params } = contact;
  const { publicGruu, temporaryGruu } = contact;
  return element('contact', { id, state, event, expires, 'retry-after': retryAfter, callid: callId, cseq }, [
    textElement('uri', uri),
    textElement('display-name', displayName),
    ...[...(params ?? [])].map(([name, value]) => element('unknown-param', { name }, [escapeXml(value)])),
    publicGruu === undefined ? '' : element('gr:pub-gruu', { uri: publicGruu }),
    temporaryGruu === undefined
      ? ''
      : element('gr:temp-gruu', { uri: temporaryGruu.uri, 'first-cseq': temporaryGruu.firstCseq }),
  ]);
}
