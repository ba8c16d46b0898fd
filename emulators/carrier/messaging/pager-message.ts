/** A pager-mode MESSAGE (RFC 3428) as the messaging server sees it: whose, for whom, which id, what it asks for. */
import {
  CpimParseError,
  cpimContent,
  cpimHeader,
  IMDN_NAMESPACE,
  parseCpim,
} from '../../../stack/rcs/cpim.ts';
import { type Imdn, parseImdns } from '../../../stack/rcs/imdn.ts';
import { essenceOf } from '../../../stack/rcs/mime.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';

export interface PagerMessage {
  /** E.164; the sender's is the asserted one. */
  readonly sender: string;
  readonly recipient: string;
  /** imdn.Message-ID; of a message without one, its Call-ID and CSeq. */
  readonly id: string;
  /** Whether notifications about it are possible: it has an imdn.Message-ID and is no notification itself. */
  readonly notifiable: boolean;
  /** CPIM DateTime, as written; empty without. */
  readonly dateTime: string;
  /** imdn.Disposition-Notification, lower case. */
  readonly asksFor: readonly string[];
  /** `type/subtype` of what CPIM wraps, lower case. */
  readonly contentType: string;
  /** The notifications that it carries. */
  readonly notifications: readonly Imdn[];
  readonly request: SipRequest;
}

/** Throws CpimParseError when a `message/cpim` body is none. */
export function readPagerMessage(request: SipRequest, sender: string, recipient: string): PagerMessage {
  const outer = essenceOf(header(request, 'Content-Type')) ?? 'text/plain';
  const transaction = `${header(request, 'Call-ID')} ${header(request, 'CSeq')}`;
  const plain = {
    sender,
    recipient,
    id: transaction,
    notifiable: false,
    dateTime: '',
    asksFor: [],
    notifications: [],
  };
  if (outer !== 'message/cpim') return { ...plain, contentType: outer, request };
  const cpim = parseCpim(request.body);
  const { contentType, bytes } = contentOf(cpim);
  const essence = essenceOf(contentType) ?? contentType;
  const id = cpimHeader(cpim, IMDN_NAMESPACE, 'Message-ID');
  const notifications = notificationsOf(contentType, bytes);
  const wanted = cpimHeader(cpim, IMDN_NAMESPACE, 'Disposition-Notification') ?? '';
  return {
    ...plain,
    id: id ?? transaction,
    notifiable: id !== undefined && notifications.length === 0,
    dateTime: cpim.dateTime ?? '',
    asksFor: wanted.split(',').map((token) => token.trim().toLowerCase()),
    contentType: essence,
    notifications,
    request,
  };
}

/** A transfer encoding that can't be undone is the recipient's to complain about, not the network's. */
function contentOf(cpim: ReturnType<typeof parseCpim>): { contentType: string; bytes: Uint8Array } {
  try {
    return cpimContent(cpim);
  } catch (error) {
    if (error instanceof CpimParseError)
      return { contentType: 'application/octet-stream', bytes: cpim.content };
    throw error;
  }
}

/** What doesn't parse is passed on untouched: the network only looks. */
function notificationsOf(contentType: string, bytes: Uint8Array): Imdn[] {
  try {
    return parseImdns(contentType, bytes);
  } catch {
    return [];
  }
}

/** Media types of RCC.16 section 7.9 and the vendors' own encryption: never to leave RCS, never to be taken apart. */
export function isEndToEndEncrypted(contentType: string): boolean {
  return /^message\/mls(-|$)/.test(contentType) || contentType === 'application/vnd.google.rcs.encrypted';
}
