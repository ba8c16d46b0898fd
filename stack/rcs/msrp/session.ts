/** RFC 4975 section 7: one MSRP session, from the binding of its connection to its end. */

import type { ConnectOptions, Endpoint, NetworkError, Random } from '../../platform.ts';
import { essenceOf } from '../mime.ts';
import { type ByteRange, parseByteRange, writeByteRange } from './byte-range.ts';
import type { MsrpConnection, MsrpReply } from './connection.ts';
import { type MsrpHeader, type MsrpRequest, msrpHeader } from './frame.ts';
import { type ChunkToSend, type OutgoingMessage, OutgoingMessages } from './outgoing-messages.ts';
import { Reassembly } from './reassembly.ts';
import { failureReportOf, isAnswered, responseTo, wantsSuccessReport } from './responses.ts';
import { newMsrpMessageId, newTransactionId } from './transaction-id.ts';

/** A whole message that came. */
export interface MsrpMessage {
  readonly messageId: string;
  /** As written. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface MsrpReport {
  readonly messageId: string;
  readonly range?: ByteRange;
  readonly status: number;
}

/** What answers the last chunk of a message; 200 when absent. */
export interface MsrpVerdict {
  readonly status: number;
  readonly comment?: string;
}

export interface MsrpSessionOptions {
  /** Media types taken, as in `a=accept-types`; `*` takes all. */
  readonly acceptTypes: readonly string[];
  /** Octets of the largest message taken; larger ones are answered 413. */
  readonly maxSize: number;
  readonly chunkOctets?: number;
  onMessage?(message: MsrpMessage): MsrpVerdict | undefined | Promise<MsrpVerdict | undefined>;
  onReport?(report: MsrpReport): void;
  /** A message sent with `Failure-Report: partial` failed. */
  onSendFailed?(messageId: string, reply: MsrpReply): void;
  /** A part of a message came. */
  onChunk?(): void;
  /** A connection is bound to the session. */
  onBound?(): void;
  /** The session is over, by its own `close` or that of its endpoint. */
  onClosed?(): void;
  /** The connection went, but not by `close`. */
  onLost?(error?: NetworkError): void;
}

/** What a session needs of the endpoint that made it. */
export interface SessionHost {
  readonly random: Random;
  dial(to: Endpoint, options: ConnectOptions): Promise<MsrpConnection>;
  closed(session: MsrpSession): void;
  deviation(what: string, clause: string): void;
}

export class MsrpSession {
  /** The URI that this side offers as `a=path`. */
  readonly localUri: string;
  readonly #host: SessionHost;
  readonly #options: MsrpSessionOptions;
  readonly #reassembly: Reassembly;
  readonly #outgoing: OutgoingMessages;
  #remotePath: readonly string[] = [];
  #connection: MsrpConnection | undefined;
  /** Messages sent before there is a connection. */
  readonly #early: (() => void)[] = [];
  #closed = false;

  constructor(localUri: string, host: SessionHost, options: MsrpSessionOptions) {
    this.localUri = localUri;
    this.#host = host;
    this.#options = options;
    this.#reassembly = new Reassembly({ octets: options.maxSize, allOctets: 4 * options.maxSize });
    this.#outgoing = new OutgoingMessages({
      sender: {
        request: (chunk, done) => {
          if (this.#connection) this.#connection.request(this.#send(chunk), done);
          else done({ status: 408, local: true });
        },
        requestQuietly: (chunk, failed) => this.#connection?.requestQuietly(this.#send(chunk), failed),
        send: (chunk) => this.#connection?.send(this.#send(chunk)),
      },
      ...(options.chunkOctets !== undefined && { chunkOctets: options.chunkOctets }),
      onLateFailure: (messageId, reply) => options.onSendFailed?.(messageId, reply),
    });
  }

  /** As the passive side (RFC 4145): the peer's path, once it is known; its connection binds by its first request. */
  expect(remotePath: readonly string[]): void {
    this.#remotePath = remotePath;
    if (this.#connection) this.#sendEarly();
  }

  /**
   * As the active side: opens the connection and binds it. Without data to send at once, an empty SEND tells the peer
   * which session this is (section 5.4). Resolves to the answer to it, or a local 408; with `silent` to 200 at once.
   */
  async connect(
    remotePath: readonly string[],
    to: Endpoint,
    options: ConnectOptions & { readonly silent?: boolean },
  ): Promise<MsrpReply> {
    const { silent = false, ...how } = options;
    this.#remotePath = remotePath;
    let connection: MsrpConnection;
    try {
      connection = await this.#host.dial(to, how);
    } catch (error) {
      const comment = error instanceof Error ? error.message : String(error);
      return { status: 408, comment, local: true };
    }
    if (this.#closed) {
      connection.close();
      return { status: 408, comment: 'the session is closed', local: true };
    }
    this.#bind(connection);
    this.#sendEarly();
    if (silent) return { status: 200, local: true };
    const headers: MsrpHeader[] = [
      { name: 'Message-ID', value: newMsrpMessageId(this.#host.random) },
      { name: 'Byte-Range', value: '1-0/0' },
    ];
    return new Promise((resolve) => connection.request(this.#request('SEND', headers), resolve));
  }

  /** Sends a message in chunks; waits for the connection and the peer's path. See OutgoingMessages.send. */
  send(message: Omit<OutgoingMessage, 'messageId'> & { readonly messageId?: string }): Promise<MsrpReply> {
    const whole = { ...message, messageId: message.messageId ?? newMsrpMessageId(this.#host.random) };
    if (this.#closed) return Promise.resolve({ status: 408, comment: 'the session is closed', local: true });
    if (this.#connection && this.#remotePath.length > 0) return this.#outgoing.send(whole);
    return new Promise((resolve) => {
      this.#early.push(() => {
        if (this.#closed) resolve({ status: 408, comment: 'the session is closed', local: true });
        else this.#outgoing.send(whole).then(resolve);
      });
    });
  }

  abort(messageId: string): void {
    this.#outgoing.abort(messageId);
  }

  /** Ends the session and its connection; what was being sent ends as a local 408. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#outgoing.close();
    this.#sendEarly();
    this.#host.closed(this);
    connection?.close();
    this.#options.onClosed?.();
  }

  /** A request for this session that came over `connection`. */
  receive(request: MsrpRequest, connection: MsrpConnection): void {
    if (this.#connection !== undefined && this.#connection !== connection)
      return this.#answer(connection, request, { status: 506 });
    if (this.#connection === undefined) {
      this.#bind(connection);
      if (this.#remotePath.length > 0) this.#sendEarly();
    }
    if (request.method === 'REPORT') return this.#report(request);
    if (request.method !== 'SEND') return this.#answer(connection, request, { status: 501 });
    if (request.body === undefined) return this.#answer(connection, request, { status: 200 });
    this.#options.onChunk?.();
    const messageId = msrpHeader(request, 'Message-ID');
    const written = msrpHeader(request, 'Byte-Range');
    const range = written === undefined ? undefined : parseByteRange(written);
    if (!messageId || failureReportOf(request) === undefined || (written !== undefined && !range))
      return this.#answer(connection, request, { status: 400 });
    const contentType = msrpHeader(request, 'Content-Type')!;
    if (!this.#accepts(contentType)) return this.#answer(connection, request, { status: 415 });
    const outcome =
      request.dropped === undefined
        ? this.#reassembly.add(messageId, range, request.body, request.flag)
        : ({ kind: 'too-large' } as const);
    if (outcome.kind === 'too-large') return this.#answer(connection, request, { status: 413 });
    if (outcome.kind !== 'complete') return this.#answer(connection, request, { status: 200 });
    const message = { messageId, contentType, body: outcome.bytes };
    void this.#deliver(message, request, connection);
  }

  /** The connection is gone. */
  lost(connection: MsrpConnection, error: NetworkError | undefined): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    if (this.#closed) return;
    this.#outgoing.close();
    this.#options.onLost?.(error);
  }

  #bind(connection: MsrpConnection): void {
    this.#connection = connection;
    this.#options.onBound?.();
  }

  #sendEarly(): void {
    for (const send of this.#early.splice(0)) send();
  }

  async #deliver(message: MsrpMessage, last: MsrpRequest, connection: MsrpConnection): Promise<void> {
    const verdict = (await this.#options.onMessage?.(message)) ?? { status: 200 };
    this.#answer(connection, last, verdict);
    if (verdict.status !== 200 || !wantsSuccessReport(last)) return;
    const octets = message.body.length;
    const headers = [
      { name: 'Message-ID', value: message.messageId },
      { name: 'Byte-Range', value: writeByteRange({ start: 1, end: octets, total: octets }) },
      { name: 'Status', value: '000 200 OK' },
    ];
    // A REPORT goes all the way back, over the whole path (section 7.1.2).
    connection.send({ ...this.#request('REPORT', headers), toPath: last.fromPath });
  }

  #report(request: MsrpRequest): void {
    const messageId = msrpHeader(request, 'Message-ID');
    const status = /^000 ([0-9]{3})(?: |$)/.exec(msrpHeader(request, 'Status') ?? '')?.[1];
    if (messageId === undefined || status === undefined)
      return this.#host.deviation('a REPORT without Message-ID or Status', 'RFC 4975 7.1.2');
    const range = parseByteRange(msrpHeader(request, 'Byte-Range') ?? '');
    this.#options.onReport?.({ messageId, status: Number(status), ...(range && { range }) });
  }

  #accepts(contentType: string): boolean {
    const essence = essenceOf(contentType) ?? '';
    return this.#options.acceptTypes.some((given) => {
      const type = given.toLowerCase();
      return (
        type === '*' || type === essence || (type.endsWith('/*') && essence.startsWith(type.slice(0, -1)))
      );
    });
  }

  #answer(connection: MsrpConnection, request: MsrpRequest, { status, comment }: MsrpVerdict): void {
    if (isAnswered(request, status)) connection.send(responseTo(request, status, comment));
  }

  #send({ headers, data, flag }: ChunkToSend): MsrpRequest {
    return { ...this.#request('SEND', headers, data), body: data, flag };
  }

  #request(method: string, headers: readonly MsrpHeader[], data?: Uint8Array): MsrpRequest {
    return {
      kind: 'request',
      transactionId: newTransactionId(this.#host.random, data),
      method,
      toPath: this.#remotePath,
      fromPath: [this.localUri],
      headers,
      flag: '$',
    };
  }
}
