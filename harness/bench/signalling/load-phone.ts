/** A phone that costs next to nothing: registers, sends texts, takes what comes and sends receipts. */
import { hash } from 'node:crypto';
import { type LoadSocket, type LoadTransport, openLoadSocket } from '../../ports/load-socket.ts';
import type { ServedAccount } from '../../serve/accounts.ts';
import {
  branchOf,
  headerOf,
  messageOf,
  messageText,
  okText,
  registerText,
  type Sender,
  statusOf,
  TextFramer,
} from './sip-text.ts';

export type LoadAccount = Omit<ServedAccount, 'bearer'>;

export interface Bodies {
  readonly text: (id: string) => string;
  readonly receipt: (id: string, about: string) => string;
}

export interface LoadPhoneOptions {
  readonly account: LoadAccount;
  readonly transport: LoadTransport;
  readonly server: { readonly host: string; readonly port: number };
  readonly localPort?: number;
  readonly authorities: readonly string[];
  readonly bodies: Bodies;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

type Kind = 'first' | 'second' | 'text' | 'taken' | 'receipt' | 'took';

interface Waiting {
  readonly bytes: Buffer;
  readonly answered: (status: number, text: string) => void;
  again: number;
  pause: number;
}

/** What one phone sent last of each kind, for an echo server to send back. */
export interface Sent {
  readonly register: readonly Buffer[];
  readonly relay: readonly Buffer[];
}

/** RFC 3261 section 17.1.2.1: T1 and T2, milliseconds. */
const T1 = 500;
const T2 = 4_000;

/** Phones may follow each other on one port, and processes too: a branch is used once. At most 14 digits. */
let branches = (process.pid % 10_000) * 1e10;

export class LoadPhone {
  readonly account: LoadAccount;
  /** Requests sent again because no answer came, and requests that the server sent again. */
  retransmissions = 0;
  repetitions = 0;
  /** Call-IDs under which each text was delivered here: exactly one is right. */
  readonly deliveries = new Map<string, Set<string>>();
  /** Called for each receipt about a text of this phone. */
  onReceipt: (about: string) => void = () => {};
  readonly #options: LoadPhoneOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #seen = new Set<string>();
  readonly #last = new Map<Kind, Buffer>();
  #socket: LoadSocket | undefined;
  #sender: Sender | undefined;
  #cseq = 0;

  constructor(options: LoadPhoneOptions) {
    this.#options = options;
    this.account = options.account;
  }

  async open(): Promise<void> {
    const { transport, server, localPort, authorities, account } = this.#options;
    const framer = new TextFramer();
    this.#socket = await openLoadSocket({
      transport,
      ...server,
      localPort,
      authorities,
      onBytes: (bytes) => {
        const text = bytes.toString('latin1');
        if (transport === 'udp') this.#take(text);
        else for (const one of framer.push(text)) this.#take(one);
      },
      onLost: () => {
        throw new Error(`the server closed the connection of ${account.name}`);
      },
    });
    const { address, port } = this.#socket;
    this.#sender = { ...account, transport, address, port, proxy: `${server.host}:${server.port}` };
  }

  close(): void {
    this.#socket?.close();
  }

  /** Calls `done` with the status that ended it: after a challenge, that of the second REGISTER. */
  register(done: (status: number) => void): void {
    this.challenge((status, nonce) => {
      if (status !== 401) return done(status);
      this.#register('second', authorization(this.account, nonce, 1), done);
    });
  }

  /** Calls `done` with the nonce of the 401 that a REGISTER without credentials gets. */
  challenge(done: (status: number, nonce: string) => void): void {
    const { privateIdentity, domain } = this.account;
    const names = `username="${privateIdentity}", realm="${domain}", uri="sip:${domain}"`;
    this.#register('first', `Digest ${names}, nonce="", response=""`, (status, text) => {
      done(status, /nonce="([^"]+)"/.exec(headerOf(text, 'WWW-Authenticate') ?? '')?.[1] ?? '');
    });
  }

  /** Calls `done` with the status of the answer; its text holds Retry-After if there was any. */
  text(to: string, id: string, done: (status: number, text: string) => void): void {
    this.#ask('text', (branch) => messageText(this.#from, to, branch, this.#options.bodies.text(id)), done);
  }

  /** Sends again what had no answer for too long; for datagrams only. */
  retransmit(): void {
    const now = this.#options.now();
    for (const waiting of this.#waiting.values()) {
      if (waiting.again > now) continue;
      waiting.pause = Math.min(2 * waiting.pause, T2);
      waiting.again = now + waiting.pause;
      this.retransmissions += 1;
      this.#socket!.send(waiting.bytes);
    }
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** What this phone sent last for a registration, and for a text that it sent to, and received of, `other`. */
  static sentBy(sender: LoadPhone, other: LoadPhone): Sent {
    const pick = (phone: LoadPhone, ...kinds: Kind[]) => kinds.flatMap((kind) => phone.#last.get(kind) ?? []);
    return {
      register: pick(sender, 'first', 'second'),
      relay: [...pick(sender, 'text'), ...pick(other, 'taken', 'receipt'), ...pick(sender, 'took')],
    };
  }

  get #from(): Sender {
    return this.#sender!;
  }

  #register(kind: 'first' | 'second', authorization: string, done: Waiting['answered']): void {
    this.#cseq += 1;
    this.#ask(kind, (branch) => registerText(this.#from, this.#cseq, branch, authorization), done);
  }

  #ask(kind: Kind, write: (branch: number) => string, answered: Waiting['answered']): void {
    branches += 1;
    const branch = branches;
    const bytes = this.#send(kind, write(branch));
    this.#waiting.set(branch, { bytes, answered, again: this.#options.now() + T1, pause: T1 });
  }

  #send(kind: Kind, text: string): Buffer {
    const bytes = Buffer.from(text, 'latin1');
    this.#last.set(kind, bytes);
    this.#socket!.send(bytes);
    return bytes;
  }

  #take(text: string): void {
    const status = statusOf(text);
    if (status === 0) {
      this.#takeRequest(text);
      return;
    }
    if (status < 200) return;
    const branch = branchOf(text);
    const waiting = this.#waiting.get(branch);
    if (waiting === undefined) return;
    this.#waiting.delete(branch);
    waiting.answered(status, text);
  }

  #takeRequest(text: string): void {
    const { id, about } = messageOf(text);
    this.#send(about === undefined ? 'taken' : 'took', okText(text));
    const callId = headerOf(text, 'Call-ID') ?? '';
    if (this.#seen.has(callId)) {
      this.repetitions += 1;
      return;
    }
    this.#seen.add(callId);
    if (about !== undefined) {
      this.onReceipt(about);
      return;
    }
    const known = this.deliveries.get(id);
    if (known === undefined) this.deliveries.set(id, new Set([callId]));
    else known.add(callId);
    this.#acknowledge(text, id);
  }

  #acknowledge(text: string, id: string): void {
    const sender = /tel:(\+\d+)/.exec(headerOf(text, 'P-Asserted-Identity') ?? '')?.[1];
    if (sender === undefined) return;
    const write = (branch: number) =>
      messageText(this.#from, sender, branch, this.#options.bodies.receipt(`r-${id}`, id));
    this.#ask('receipt', write, () => {});
  }
}

/** RFC 7616 section 3.4 with SHA-256 and qop auth, for a REGISTER. */
export function authorization(account: LoadAccount, nonce: string, nc: number): string {
  const { privateIdentity: username, domain: realm, password } = account;
  const uri = `sip:${realm}`;
  const count = nc.toString(16).padStart(8, '0');
  const ha1 = hash('sha256', `${username}:${realm}:${password}`);
  const response = hash('sha256', `${ha1}:${nonce}:${count}:load:auth:${hash('sha256', `REGISTER:${uri}`)}`);
  return (
    `Digest username="${username}", realm="${realm}", uri="${uri}", algorithm=SHA-256, nonce="${nonce}", ` +
    `nc=${count}, cnonce="load", qop=auth, response="${response}"`
  );
}
