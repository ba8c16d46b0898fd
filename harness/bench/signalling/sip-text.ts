/**
 * SIP messages as text, made and read as sparingly as can be: a load generator must cost less than what it loads. It knows
 * the messages of this bench and nothing else of SIP.
 */

import { buildCpim } from '../../../stack/rcs/cpim.ts';
import { IMDN_CONTENT_TYPE, writeImdn } from '../../../stack/rcs/imdn.ts';
import type { LoadTransport } from '../../ports/load-socket.ts';

/** Whose messages, and from where. */
export interface Sender {
  readonly name: string;
  readonly msisdn: string;
  readonly publicIdentity: string;
  readonly domain: string;
  readonly transport: LoadTransport;
  readonly address: string;
  readonly port: number;
  /** The P-CSCF, `HOST:PORT`. */
  readonly proxy: string;
}

const BRANCH = 'branch=z9hG4bK-';
const MESSAGE_SERVICE = 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg';
const CHAT_TAGS =
  '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session";+g.gsma.rcs.cpm.pager-large';
const HEAD_END = '\r\n\r\n';
const COPIED = /^(?:Via|From|To|Call-ID|CSeq): .*$/gm;

export function registerText(from: Sender, cseq: number, branch: number, authorization: string): string {
  const { name, publicIdentity, domain, transport, address, port } = from;
  const contact = `<sip:${name}@${address}:${port};transport=${transport}>`;
  return [
    `REGISTER sip:${domain} SIP/2.0`,
    via(from, branch),
    'Max-Forwards: 70',
    `From: <${publicIdentity}>;tag=r-${name}`,
    `To: <${publicIdentity}>`,
    `Call-ID: register-${name}-${transport}-${port}@${address}`,
    `CSeq: ${cseq} REGISTER`,
    `Contact: ${contact};+sip.instance="<urn:parley:load:${name}>";reg-id=1;${CHAT_TAGS};expires=3600`,
    'Supported: path',
    `Authorization: ${authorization}`,
    'Content-Length: 0',
    HEAD_END.slice(2),
  ].join('\r\n');
}

/** A pager-mode MESSAGE around a CPIM body, which is octets below 128 as all the rest. */
export function messageText(from: Sender, to: string, branch: number, body: string): string {
  const { name, publicIdentity, domain, transport, address, proxy } = from;
  return [
    `MESSAGE tel:${to} SIP/2.0`,
    via(from, branch),
    'Max-Forwards: 70',
    `Route: <sip:${proxy};transport=${transport};lr>, <sip:orig@${domain};lr>`,
    `From: <${publicIdentity}>;tag=m-${branch}`,
    `To: <tel:${to}>`,
    `Call-ID: message-${branch}-${name}@${address}`,
    'CSeq: 1 MESSAGE',
    `P-Preferred-Identity: <${publicIdentity}>`,
    `P-Preferred-Service: ${MESSAGE_SERVICE}`,
    `Accept-Contact: *;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"`,
    `Conversation-ID: conversation-${name}`,
    `Contribution-ID: contribution-${branch}`,
    'Content-Type: message/cpim',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** 200 to a request that came in. */
export function okText(request: string): string {
  const head = request.slice(0, request.indexOf(HEAD_END));
  return `SIP/2.0 200 OK\r\n${head.match(COPIED)!.join('\r\n')}\r\nContent-Length: 0${HEAD_END}`;
}

const PLACE = 'id-to-be-replaced';
const ANONYMOUS = 'sip:anonymous@anonymous.invalid';
const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The body of a text of `octets` that asks for a receipt, by its id. */
export function textBody(dateTime: string, octets: number): (id: string) => string {
  const body = buildCpim({
    from: ANONYMOUS,
    to: ANONYMOUS,
    messageId: PLACE,
    dateTime,
    dispositions: ['positive-delivery'],
    contentType: 'text/plain;charset=UTF-8',
    content: new TextEncoder().encode('x'.repeat(octets)),
  });
  const [before, after] = asText(body).split(PLACE);
  return (id) => `${before}${id}${after}`;
}

/** The body of a receipt with an id of its own about a text. */
export function receiptBody(dateTime: string): (id: string, about: string) => string {
  const content = writeImdn({ messageId: 'about', dateTime, kind: 'delivery', status: 'delivered' });
  const imdn = asText(content).split('>about<') as [string, string];
  return (id, about) => {
    const body = buildCpim({
      from: ANONYMOUS,
      to: ANONYMOUS,
      messageId: id,
      dateTime,
      contentType: IMDN_CONTENT_TYPE,
      contentDisposition: 'notification',
      content: Buffer.from(`${imdn[0]}>${about}<${imdn[1]}`, 'latin1'),
    });
    return asText(body);
  };
}

/** 0 for a request. */
export function statusOf(text: string): number {
  return text.startsWith('SIP/2.0 ') ? Number(text.slice(8, 11)) : 0;
}

/** The number that `via` put into the branch. */
export function branchOf(text: string): number {
  const at = text.indexOf(BRANCH);
  return Number.parseInt(text.slice(at + BRANCH.length, at + BRANCH.length + 15), 10);
}

export function headerOf(text: string, name: string): string | undefined {
  const at = text.indexOf(`\r\n${name}: `);
  if (at < 0 || at > text.indexOf(HEAD_END)) return undefined;
  const from = at + name.length + 4;
  return text.slice(from, text.indexOf('\r\n', from));
}

/** Of a MESSAGE that came: its imdn.Message-ID, and what it is a receipt about if it is one. */
export function messageOf(text: string): { readonly id: string; readonly about?: string } {
  const id = between(text, 'Message-ID: ', '\r\n') ?? '';
  const about = between(text, '<message-id>', '</message-id>');
  return about === undefined ? { id } : { id, about };
}

function between(text: string, before: string, after: string): string | undefined {
  const at = text.indexOf(before);
  return at < 0 ? undefined : text.slice(at + before.length, text.indexOf(after, at));
}

function via({ transport, address, port }: Sender, branch: number): string {
  return `Via: SIP/2.0/${transport.toUpperCase()} ${address}:${port};${BRANCH}${branch};rport`;
}

/** Splits a stream into messages by Content-Length. */
export class TextFramer {
  #kept = '';

  push(chunk: string): string[] {
    const found: string[] = [];
    this.#kept += chunk;
    for (;;) {
      const headEnd = this.#kept.indexOf(HEAD_END);
      if (headEnd < 0) return found;
      const length = Number(/^Content-Length: (\d+)/m.exec(this.#kept.slice(0, headEnd))?.[1] ?? 0);
      const end = headEnd + HEAD_END.length + length;
      if (this.#kept.length < end) return found;
      found.push(this.#kept.slice(0, end));
      this.#kept = this.#kept.slice(end);
    }
  }
}
