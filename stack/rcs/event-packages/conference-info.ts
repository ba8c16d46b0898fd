/** RFC 4575: `application/conference-info+xml`, the roster of a conference: full, partial, deleted, and its versions. */

import { childNamed, type XmlElement } from '../xml.ts';
import {
  childrenNamed,
  element,
  needed,
  neededNumber,
  readRoot,
  textElement,
  textOf,
  xmlDocument,
} from './document.ts';

export const CONFERENCE_INFO_TYPE = 'application/conference-info+xml';
const NAMESPACE = 'urn:ietf:params:xml:ns:conference-info';
const DOCUMENT = 'conference-info';

export type PartState = 'full' | 'partial' | 'deleted';

export interface ConferenceEndpoint {
  readonly entity: string;
  /** `connected`, `disconnected`, `pending`, `dialing-out`, `alerting`, `on-hold`, ... */
  readonly status?: string;
  /** `departed`, `booted`, `failed`, `busy`. */
  readonly disconnectionMethod?: string;
}

export interface ConferenceUser {
  readonly entity: string;
  readonly state: PartState;
  readonly displayText?: string;
  /** CPM: the entry of the subscriber itself. */
  readonly yourOwn?: boolean;
  readonly roles?: readonly string[];
  readonly endpoints: readonly ConferenceEndpoint[];
}

export interface ConferenceInfo {
  readonly entity: string;
  readonly state: PartState;
  readonly version: number;
  readonly subject?: string;
  readonly maximumUserCount?: number;
  readonly userCount?: number;
  /** Undefined: the document says nothing about users. */
  readonly users?: readonly ConferenceUser[];
}

/** Throws EventBodyError, whatever the bytes. */
export function readConferenceInfo(bytes: Uint8Array): ConferenceInfo {
  const root = readRoot(bytes, DOCUMENT, 'conference-info', NAMESPACE);
  const description = childNamed(root, 'conference-description');
  const conferenceState = childNamed(root, 'conference-state');
  const subject = description && textOf(description, 'subject');
  const maximumUserCount = count(description && textOf(description, 'maximum-user-count'));
  const userCount = count(conferenceState && textOf(conferenceState, 'user-count'));
  const users = childNamed(root, 'users');
  return {
    entity: needed(root, 'entity', DOCUMENT),
    state: stateOf(root),
    version: root.attributes.has('version') ? neededNumber(root, 'version', DOCUMENT) : 0,
    ...(subject !== undefined && { subject }),
    ...(maximumUserCount !== undefined && { maximumUserCount }),
    ...(userCount !== undefined && { userCount }),
    ...(users !== undefined && { users: childrenNamed(users, 'user').map(readUser) }),
  };
}

export function writeConferenceInfo(info: ConferenceInfo): Uint8Array {
  const { entity, state, version, subject, maximumUserCount, userCount, users } = info;
  const described = textElement('subject', subject) + numberElement('maximum-user-count', maximumUserCount);
  const counted = numberElement('user-count', userCount);
  return xmlDocument(
    element('conference-info', { xmlns: NAMESPACE, entity, state, version }, [
      described === '' ? '' : element('conference-description', {}, [described]),
      counted === '' ? '' : element('conference-state', {}, [counted]),
      users === undefined ? '' : element('users', {}, [users.map(writeUser).join('')]),
    ]),
  );
}

export type RosterStep =
  | { readonly kind: 'applied'; readonly info: ConferenceInfo }
  /** Older than what is known, or the same again. */
  | { readonly kind: 'ignored' }
  /** Something was missed: ask for a full document (RFC 4575 4.5; hazard R19 of docs/rcs-signalling.md). */
  | { readonly kind: 'gap' };

/** What is known after one more document of the same subscription (RFC 4575 4.6). */
export function applyConferenceInfo(known: ConferenceInfo | undefined, next: ConferenceInfo): RosterStep {
  if (known !== undefined && next.version <= known.version) return { kind: 'ignored' };
  if (next.state === 'full') return { kind: 'applied', info: withoutDeleted(next) };
  if (known === undefined || next.version !== known.version + 1) return { kind: 'gap' };
  if (next.state === 'deleted') return { kind: 'applied', info: { ...next, users: [] } };
  const users = new Map((known.users ?? []).map((user) => [user.entity, user]));
  for (const user of next.users ?? []) {
    const before = users.get(user.entity);
    if (user.state === 'deleted') users.delete(user.entity);
    else users.set(user.entity, user.state === 'partial' && before ? merged(before, user) : user);
  }
  return { kind: 'applied', info: { ...known, ...next, state: 'full', users: [...users.values()] } };
}

function withoutDeleted(info: ConferenceInfo): ConferenceInfo {
  return { ...info, users: (info.users ?? []).filter(({ state }) => state !== 'deleted') };
}

function merged(before: ConferenceUser, change: ConferenceUser): ConferenceUser {
  const endpoints = new Map(before.endpoints.map((each) => [each.entity, each]));
  for (const each of change.endpoints) endpoints.set(each.entity, { ...endpoints.get(each.entity), ...each });
  return { ...before, ...change, state: 'full', endpoints: [...endpoints.values()] };
}

function readUser(user: XmlElement): ConferenceUser {
  const displayText = textOf(user, 'display-text');
  const roles = childrenNamed(childNamed(user, 'roles'), 'entry').map((entry) => entry.text.trim());
  const yourOwn = [...user.attributes].some(
    ([name, value]) => /(?:^|:)yourown$/i.test(name) && value === 'true',
  );
  return {
    entity: needed(user, 'entity', DOCUMENT),
    state: stateOf(user),
    ...(displayText !== undefined && { displayText }),
    ...(yourOwn && { yourOwn }),
    ...(roles.length > 0 && { roles }),
    endpoints: childrenNamed(user, 'endpoint').map(readEndpoint),
  };
}

function readEndpoint(endpoint: XmlElement): ConferenceEndpoint {
  const status = textOf(endpoint, 'status');
  const disconnectionMethod = textOf(endpoint, 'disconnection-method');
  return {
    entity: needed(endpoint, 'entity', DOCUMENT),
    ...(status !== undefined && { status }),
    ...(disconnectionMethod !== undefined && { disconnectionMethod }),
  };
}

function writeUser({ entity, state, displayText, yourOwn, roles = [], endpoints }: ConferenceUser): string {
  return element('user', { entity, state, yourown: yourOwn ? 'true' : undefined }, [
    textElement('display-text', displayText),
    roles.length === 0
      ? ''
      : element(
          'roles',
          {},
          roles.map((role) => textElement('entry', role)),
        ),
    ...endpoints.map((endpoint) =>
      element('endpoint', { entity: endpoint.entity }, [
        textElement('status', endpoint.status),
        textElement('disconnection-method', endpoint.disconnectionMethod),
      ]),
    ),
  ]);
}

/** RFC 4575 5.1: full when nothing is said. */
function stateOf(part: XmlElement): PartState {
  const state = part.attributes.get('state');
  return state === 'partial' || state === 'deleted' ? state : 'full';
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

function numberElement(name: string, value: number | undefined): string {
  return textElement(name, value === undefined ? undefined : String(value));
}
