/** RFC 4975 sections 5.1 and 7.1: messages on their way out, their chunks taking turns. */

import { writeByteRange } from './byte-range.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import type { MsrpReply } from './connection.ts';
import type { MsrpFlag, MsrpHeader } from './frame.ts';
import type { FailureReport } from './responses.ts';

/** Chunks that may wait for their response: enough to fill a link, few enough that a 413 still stops something. */
const WINDOW = 8;

export interface OutgoingMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Asks for a REPORT when all of it has arrived; no by default. */
  readonly successReport?: boolean;
  /** Yes by default. */
  readonly failureReport?: FailureReport;
}

/** How a chunk is handed to a connection. */
export interface ChunkSender {
  /** Sends it and calls `done` with the response. */
  request(chunk: ChunkToSend, done: (reply: MsrpReply) => void): void;
  /** Sends it; `failed` is called if a failure comes. */
  requestQuietly(chunk: ChunkToSend, failed: (reply: MsrpReply) => void): void;
  send(chunk: ChunkToSend): void;
}

export interface ChunkToSend {
  readonly headers: readonly MsrpHeader[];
  readonly data: Uint8Array;
  readonly flag: MsrpFlag;
}

interface Sending {
  readonly message: OutgoingMessage;
  readonly chunks: readonly Chunk[];
  readonly resolve: (reply: MsrpReply) => void;
  next: number;
  waiting: number;
  failed: boolean;
}

export class OutgoingMessages {
  readonly #sender: ChunkSender;
  readonly #chunkOctets: number | undefined;
  readonly #onLateFailure: (messageId: string, reply: MsrpReply) => void;
  #turns: Sending[] = [];
  #waiting = 0;

  constructor(options: {
    readonly sender: ChunkSender;
    readonly chunkOctets?: number;
    /** Of a message that was sent with `Failure-Report: partial`. */
    readonly onLateFailure: (messageId: string, reply: MsrpReply) => void;
  }) {
    this.#sender = options.sender;
    this.#chunkOctets = options.chunkOctets;
    this.#onLateFailure = options.onLateFailure;
  }

  /**
   * Resolves when every chunk was answered 200, or with the first other answer; then the rest is not sent and the
   * message is given up (`#`). Without responses asked for, once all of it is written.
   */
  send(message: OutgoingMessage): Promise<MsrpReply> {
    return new Promise((resolve) => {
      const chunks = chunksOf(message.body, this.#chunkOctets);
      this.#turns.push({ message, chunks, resolve, next: 0, waiting: 0, failed: false });
      this.#pump();
    });
  }

  /** Stops sending a message and tells the peer (section 7.1.1). */
  abort(messageId: string): void {
    const sending = this.#turns.find(({ message }) => message.messageId === messageId);
    if (sending) this.#give(sending, { status: 200, comment: 'given up', local: true });
  }

  /** Nothing more can be sent. */
  close(): void {
    for (const sending of this.#turns.splice(0)) sending.resolve({ status: 408, local: true });
  }

  #pump(): void {
    while (this.#waiting < WINDOW) {
      const at = this.#turns.findIndex(({ chunks, next }) => next < chunks.length);
      if (at < 0) return;
      // Whoever has sent a chunk goes to the end of the line.
      const [sending] = this.#turns.splice(at, 1);
      this.#turns.push(sending!);
      this.#sendNext(sending!);
    }
  }

  #sendNext(sending: Sending): void {
    const { message, chunks } = sending;
    const chunk = chunks[sending.next]!;
    sending.next += 1;
    const toSend = { headers: headersOf(message, writeByteRange(chunk.range)), ...chunk };
    if (message.failureReport === 'no' || message.failureReport === 'partial') {
      if (message.failureReport === 'no') this.#sender.send(toSend);
      else
        this.#sender.requestQuietly(toSend, (reply) => {
          if (this.#turns.includes(sending)) this.#give(sending, reply);
          this.#onLateFailure(message.messageId, reply);
        });
      if (sending.next === chunks.length) this.#end(sending, { status: 200, local: true });
      return;
    }
    this.#waiting += 1;
    sending.waiting += 1;
    this.#sender.request(toSend, (reply) => {
      this.#waiting -= 1;
      sending.waiting -= 1;
      if (reply.status !== 200) this.#give(sending, reply);
      else if (sending.next === chunks.length && sending.waiting === 0) this.#end(sending, reply);
      this.#pump();
    });
  }

  #give(sending: Sending, reply: MsrpReply): void {
    if (!this.#turns.includes(sending)) return;
    const { chunks, message, next } = sending;
    this.#end(sending, reply);
    const rest = chunks[next];
    if (rest === undefined || (reply.local === true && reply.status === 408)) return;
    const range = { start: rest.range.start, total: message.body.length };
    this.#sender.send({
      headers: headersOf({ ...message, failureReport: 'no' }, writeByteRange(range)),
      data: new Uint8Array(0),
      flag: '#',
    });
  }

  #end(sending: Sending, reply: MsrpReply): void {
    this.#turns = this.#turns.filter((one) => one !== sending);
    sending.resolve(reply);
  }
}

function headersOf(message: OutgoingMessage, range: string): MsrpHeader[] {
  const { messageId, contentType, successReport = false, failureReport = 'yes' } = message;
  return [
    { name: 'Message-ID', value: messageId },
    { name: 'Byte-Range', value: range },
    { name: 'Success-Report', value: successReport ? 'yes' : 'no' },
    { name: 'Failure-Report', value: failureReport },
    { name: 'Content-Type', value: contentType },
  ];
}
