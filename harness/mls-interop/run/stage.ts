import { toHex } from '../../../stack/crypto/bytes.ts';
import type { Random } from '../../../stack/platform.ts';
import type { Method, ProtoExtension, Request, Response } from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import type { ScriptExtensions } from '../script/schema.ts';
import type { Assignment } from './assignments.ts';
import type { Client } from './client.ts';
import type { Finding } from './result.ts';

/** A proposal sent by itself, and what its commit will bring about. */
export interface SentProposal {
  readonly message: Uint8Array;
  readonly adds?: string;
  readonly removes?: string;
}

/** A group as the script sees it. */
export interface PlayedGroup {
  readonly id: Uint8Array;
  readonly suite: number;
  /** State id of each member. */
  readonly states: Map<string, number>;
  /** Of those that were removed. */
  readonly former: Map<string, number>;
  /** Since the last commit. */
  proposals: SentProposal[];
  /** In the order in which they were proposed, which is that of external_senders. */
  readonly signers: { readonly who: string; readonly signerId: number }[];
}

export interface HeldMessage {
  readonly from: string;
  readonly ciphertext: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly authenticatedData: Uint8Array;
}

/** An actor's answer that is not what it must be. */
export class Deviation extends Error {
  override readonly name = 'Deviation';
  readonly found: Omit<Finding, 'step'>;
  constructor(found: Omit<Finding, 'step'>) {
    super(found.what);
    this.found = found;
  }
}

/** A client that answers UNIMPLEMENTED, or lacks what the script needs by its own declaration. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
  readonly clients: readonly Client[];
  constructor(message: string, clients: readonly Client[]) {
    super(message);
    this.clients = clients;
  }
}

export interface StageOptions {
  readonly assignment: Assignment;
  readonly suite: number;
  readonly encryptHandshake: boolean;
  readonly externalTree: boolean;
  readonly random: Random;
}

/** Everything that one script under one assignment has brought about so far. */
export class Stage {
  readonly options: StageOptions;
  readonly groups = new Map<string, PlayedGroup>();
  /** Key packages waiting for a Welcome. */
  readonly transactions = new Map<string, { readonly id: number; readonly keyPackage: Uint8Array }>();
  readonly psks = new Map<string, { readonly pskId: Uint8Array; readonly pskSecret: Uint8Array }>();
  readonly messages = new Map<string, HeldMessage>();
  /** Ids that no longer stand for a member's present but may be held on the other side. */
  readonly #outdated: { readonly who: string; readonly id: number }[] = [];

  constructor(options: StageOptions) {
    this.options = options;
  }

  clientOf(who: string): Client {
    return this.options.assignment.get(who)!;
  }

  /** `bob (B ts-mls)`. */
  describe(who: string): string {
    const { letter, name } = this.clientOf(who);
    return `${who} (${letter} ${name})`;
  }

  /** Throws Unsupported when the client says UNIMPLEMENTED, else Deviation. */
  async call<M extends Method>(who: string, method: M, request: Request<M>): Promise<Response<M>> {
    const client = this.clientOf(who);
    try {
      return await client.peer.call(method, request);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { status, message } = error;
      if (status === 'UNIMPLEMENTED') {
        throw new Unsupported(`${this.describe(who)} does not implement ${method}: ${message}`, [client]);
      }
      throw new Deviation({ who: [who], call: method, status, what: message });
    }
  }

  group(name: string): PlayedGroup {
    return this.groups.get(name)!;
  }

  stateOf(group: PlayedGroup, who: string): number {
    return (group.states.get(who) ?? group.former.get(who))!;
  }

  newGroup(name: string, id: Uint8Array, suite: number): PlayedGroup {
    const group: PlayedGroup = {
      id,
      suite,
      states: new Map(),
      former: new Map(),
      proposals: [],
      signers: [],
    };
    this.groups.set(name, group);
    return group;
  }

  /** `who` is at `id` now; an earlier id goes out of use. */
  moveTo(group: PlayedGroup, who: string, id: number): void {
    const before = group.states.get(who) ?? group.former.get(who);
    if (before !== undefined && before !== id) this.#outdated.push({ who, id: before });
    group.former.delete(who);
    group.states.set(who, id);
  }

  /** The id is used up, or not the runner's to free. */
  leave(group: PlayedGroup): void {
    group.states.clear();
  }

  /** Lets go of everything the clients hold for this script; what a client says to it is no matter. */
  async freeAll(): Promise<void> {
    const held = [...this.groups.values()].flatMap(({ states, former }) => [...states, ...former]);
    const all = [...held.map(([who, id]) => ({ who, id })), ...this.#outdated];
    for (const { who, id } of all) {
      await this.clientOf(who)
        .peer.call('Free', { stateId: id })
        .catch(() => undefined);
    }
  }

  /** The actor's key package at hand, or a new one. */
  async keyPackageOf(who: string, suite: number): Promise<Uint8Array> {
    const held = this.transactions.get(who);
    if (held !== undefined) return held.keyPackage;
    const request = { cipherSuite: suite, identity: utf8(who) };
    const { transactionId, keyPackage } = await this.call(who, 'CreateKeyPackage', request);
    this.transactions.set(who, { id: transactionId, keyPackage });
    return keyPackage;
  }

  takeTransaction(who: string): number {
    const { id } = this.transactions.get(who)!;
    this.transactions.delete(who);
    return id;
  }
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const noBytes: Uint8Array = new Uint8Array(0);

export function extensionsOut(extensions: ScriptExtensions): ProtoExtension[] {
  return extensions.map(({ type, data }) => ({
    extensionType: type,
    extensionData: new Uint8Array(Buffer.from(data, 'hex')),
  }));
}

/** Throws Deviation that names everybody when the values are not all alike. */
export function compare(
  stage: Stage,
  what: string,
  values: ReadonlyMap<string, Uint8Array>,
  call?: Method,
): void {
  const byValue = new Map<string, string[]>();
  for (const [who, value] of values) {
    const name = toHex(value) || 'nothing';
    byValue.set(name, [...(byValue.get(name) ?? []), who]);
  }
  const sorted = [...byValue].sort(([, a], [, b]) => b.length - a.length);
  const [most, ...rest] = sorted;
  if (most === undefined) return;
  if (rest.length === 0 && most[0] !== 'nothing') return;
  const told = ([value, who]: [string, string[]]) =>
    `${value} at ${who.map((one) => stage.describe(one)).join(', ')}`;
  throw new Deviation({
    who: [...most[1], ...rest.flatMap(([, who]) => who)],
    ...(call === undefined ? {} : { call }),
    what: `members do not agree on the ${what}`,
    expected: rest.length === 0 ? 'a value' : told(most),
    found: rest.length === 0 ? told(most) : rest.map(told).join('; '),
  });
}
