/** RFC 3261 section 12: a dialog, the peer-to-peer relation of two user agents that lasts over several requests. */

import { parseCSeq } from './cseq.ts';
import { header, headerValues, setHeader } from './headers.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from './message.ts';
import { type NameAddr, parseNameAddr, writeNameAddr } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import { parseSipUri, writeSipUri } from './uri.ts';

export type DialogPhase = 'early' | 'confirmed' | 'terminated';

export interface RequestParts {
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array;
}

interface DialogParts {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly local: NameAddr;
  readonly remote: NameAddr;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly localSeq: number;
  readonly remoteSeq: number | undefined;
  readonly ownsCallId: boolean;
  readonly phase: DialogPhase;
}

/** CSeq numbers stay below 2^31 (8.1.1.5); a dialog of more requests than this is over. */
const LAST_CSEQ = 2 ** 31 - 1;
/** Longer route sets are refused: each value costs every later request. */
const MAX_ROUTES = 64;

export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty for a peer of RFC 2543, which sends none (12.1.1). */
  readonly remoteTag: string;
  /** Whether this side made the Call-ID: it waits longer after a 491 (14.1). */
  readonly ownsCallId: boolean;
  readonly #local: NameAddr;
  readonly #remote: NameAddr;
  #remoteTarget: string;
  #routeSet: readonly string[];
  #localSeq: number;
  #remoteSeq: number | undefined;
  #phase: DialogPhase;

  private constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.ownsCallId = parts.ownsCallId;
    this.#local = parts.local;
    this.#remote = parts.remote;
    this.#remoteTarget = parts.remoteTarget;
    this.#routeSet = parts.routeSet;
    this.#localSeq = parts.localSeq;
    this.#remoteSeq = parts.remoteSeq;
    this.#phase = parts.phase;
  }

  /** 12.1.2: from the request this side sent and a response to it (101-299). Throws SipParseError. */
  static ofClient(request: SipRequest, response: SipResponse): Dialog {
    const local = addressOf(request, 'From');
    const remote = addressOf(response, 'To');
    return new Dialog({
      callId: header(request, 'Call-ID') ?? '',
      localTag: local.params.get('tag') ?? '',
      remoteTag: remote.params.get('tag') ?? '',
      local,
      remote,
      // A 1xx without Contact is common; its dialog leads where the request went until a response says more.
      remoteTarget: contactUri(response) ?? request.uri,
      routeSet: recordedRoute(response).toReversed(),
      localSeq: parseCSeq(header(request, 'CSeq') ?? '').number,
      remoteSeq: undefined,
      ownsCallId: true,
      phase: response.status < 200 ? 'early' : 'confirmed',
    });
  }

  /**
   * The subscriber's dialog from a NOTIFY that came before the response to SUBSCRIBE (RFC 6665 4.4.1; hazard R20 of
   * docs/rcs-signalling.md). Throws SipParseError.
   */
  static ofNotify(subscribe: SipRequest, notify: SipRequest): Dialog {
    const dialog = Dialog.ofServer(notify, addressOf(notify, 'To').params.get('tag') ?? '');
    return new Dialog({
      ...dialog.#parts(),
      local: addressOf(subscribe, 'From'),
      localSeq: parseCSeq(header(subscribe, 'CSeq') ?? '').number,
      ownsCallId: true,
      phase: 'confirmed',
    });
  }

  /** 12.1.1: from a request and the tag that this side puts into the To of its responses. Throws SipParseError. */
  static ofServer(request: SipRequest, localTag: string): Dialog {
    const remote = addressOf(request, 'From');
    return new Dialog({
      callId: header(request, 'Call-ID') ?? '',
      localTag,
      remoteTag: remote.params.get('tag') ?? '',
      local: addressOf(request, 'To'),
      remote,
      remoteTarget: contactUri(request) ?? remote.uri,
      routeSet: recordedRoute(request),
      localSeq: 0,
      remoteSeq: parseCSeq(header(request, 'CSeq') ?? '').number,
      ownsCallId: false,
      phase: 'early',
    });
  }

  get phase(): DialogPhase {
    return this.#phase;
  }

  /** The URI where the peer takes requests now. */
  get remoteTarget(): string {
    return this.#remoteTarget;
  }

  /** Route values, the nearest hop first. */
  get routeSet(): readonly string[] {
    return this.#routeSet;
  }

  get remoteUri(): string {
    return this.#remote.uri;
  }

  /** CSeq number of the last request this side sent; 0 before the first of a server. */
  get localSeq(): number {
    return this.#localSeq;
  }

  /** The URI to which requests of this dialog go first (12.2.1.1, 8.1.2). */
  get nextHop(): string {
    const first = this.#routeSet[0];
    return first === undefined ? this.#remoteTarget : parseNameAddr(first, 'Route').uri;
  }

  /** 13.2.2.4: a 2xx confirms an early dialog and says its route set anew. Throws SipParseError. */
  confirm(response?: SipResponse): void {
    if (this.#phase === 'early' && response !== undefined) {
      this.#routeSet = recordedRoute(response).toReversed();
      this.refreshTarget(response);
    }
    if (this.#phase === 'early') this.#phase = 'confirmed';
  }

  terminate(): void {
    this.#phase = 'terminated';
  }

  /** 12.2: the Contact of a target refresh request, or of the 2xx to one, replaces the remote target. */
  refreshTarget(message: SipMessage): void {
    this.#remoteTarget = contactUri(message) ?? this.#remoteTarget;
  }

  /** 12.2.2: false when the request is out of order and is answered 500. ACK and CANCEL have no number of their own. */
  takesInOrder(request: SipRequest): boolean {
    if (request.method === 'ACK' || request.method === 'CANCEL') return true;
    const { number } = parseCSeq(header(request, 'CSeq') ?? '');
    if (this.#remoteSeq !== undefined && number < this.#remoteSeq) return false;
    this.#remoteSeq = number;
    return true;
  }

  /** 12.2.1.1: the next request of this side. Throws RangeError when CSeq has run out. */
  request(method: string, parts: RequestParts = {}): SipRequest {
    if (this.#localSeq >= LAST_CSEQ) throw new RangeError('a dialog of 2^31 requests');
    this.#localSeq += 1;
    return this.#build(method, this.#localSeq, parts);
  }

  /** The same request once more, e.g. with credentials: under the next number, `headers` in place of those it had. */
  again(request: SipRequest, headers: readonly SipHeader[]): SipRequest {
    this.#localSeq += 1;
    const numbered = setHeader(request, 'CSeq', `${this.#localSeq} ${request.method}`);
    return headers.reduce((made, { name, value }) => setHeader(made, name, value), numbered);
  }

  /** 13.2.2.4: the ACK of the 2xx to the INVITE of that number. */
  ack(inviteSeq: number, parts: RequestParts = {}): SipRequest {
    return this.#build('ACK', inviteSeq, parts);
  }

  #build(method: string, seq: number, { headers = [], body }: RequestParts): SipRequest {
    const { uri, route } = this.#routing();
    return {
      kind: 'request',
      method,
      uri,
      headers: [
        ...route.map((value) => ({ name: 'Route', value })),
        { name: 'From', value: withTag(this.#local, this.localTag) },
        { name: 'To', value: withTag(this.#remote, this.remoteTag) },
        { name: 'Call-ID', value: this.callId },
        { name: 'CSeq', value: `${seq} ${method}` },
        ...headers,
      ],
      body: body ?? new Uint8Array(0),
    };
  }

  /** A first hop without `lr` is a strict router of RFC 2543: it gets its own URI as Request-URI. */
  #routing(): { readonly uri: string; readonly route: readonly string[] } {
    const first = this.#routeSet[0];
    if (first === undefined) return { uri: this.#remoteTarget, route: [] };
    const hop = parseSipUri(parseNameAddr(first, 'Route').uri);
    if (hop.params.has('lr')) return { uri: this.#remoteTarget, route: this.#routeSet };
    return { uri: asRequestUri(hop), route: [...this.#routeSet.slice(1), `<${this.#remoteTarget}>`] };
  }

  #parts(): DialogParts {
    return {
      callId: this.callId,
      localTag: this.localTag,
      remoteTag: this.remoteTag,
      local: this.#local,
      remote: this.#remote,
      remoteTarget: this.#remoteTarget,
      routeSet: this.#routeSet,
      localSeq: this.#localSeq,
      remoteSeq: this.#remoteSeq,
      ownsCallId: this.ownsCallId,
      phase: this.#phase,
    };
  }
}

/** 12.1.1: what every response that makes a dialog carries besides Contact: the Record-Route of its request. */
export function recordRouteHeaders(request: SipRequest): SipHeader[] {
  return recordedRoute(request).map((value) => ({ name: 'Record-Route', value }));
}

/** Throws SipParseError for values that could not be used later, and for more than anybody needs. */
function recordedRoute(message: SipMessage): string[] {
  const values = headerValues(message, 'Record-Route');
  if (values.length > MAX_ROUTES) {
    const expected = `at most ${MAX_ROUTES} values`;
    throw new SipParseError({ offset: 0, field: 'Record-Route', expected, clause: 'RFC 3261 20.30' });
  }
  for (const value of values) parseSipUri(parseNameAddr(value, 'Record-Route').uri);
  return values;
}

function addressOf(message: SipMessage, name: 'From' | 'To'): NameAddr {
  return parseNameAddr(header(message, name) ?? '', name);
}

/** Undefined without a usable one: a peer that sends rubbish is reached where it was reached before. */
function contactUri(message: SipMessage): string | undefined {
  try {
    const value = headerValues(message, 'Contact')[0];
    if (value === undefined) return undefined;
    const { uri } = parseNameAddr(value, 'Contact');
    return uri === '*' ? undefined : uri;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function withTag(address: NameAddr, tag: string): string {
  const params = new Map(address.params);
  params.delete('tag');
  if (tag !== '') params.set('tag', tag);
  return writeNameAddr({ ...address, params });
}

/** 19.1.1 table 1: a Request-URI has neither a method parameter nor a header component. */
function asRequestUri(uri: ReturnType<typeof parseSipUri>): string {
  if (uri.scheme === 'tel') return writeSipUri(uri);
  const params = new Map(uri.params);
  params.delete('method');
  return writeSipUri({ ...uri, params, headers: [] });
}
