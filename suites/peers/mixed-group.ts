/** A group whose seats are held by different implementations, and the steps that can be dealt to them. */
import { expect } from 'vitest';
import type {
  Committed,
  EngineCommit,
  EngineProposal,
  ExternalPsk,
  Framing,
  KeyBundle,
  MlsEngine,
} from '../../harness/bench/mls-engine.ts';
import type { Step } from './histories.ts';

interface Seat {
  readonly identity: Uint8Array;
  readonly name: string;
  engine: MlsEngine;
  bundle: KeyBundle;
  state: unknown;
}

interface Letter {
  readonly to: Seat;
  readonly message: Uint8Array;
  readonly content: string;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Extension type of section 17.3. */
const requiredCapabilities = 3;

/** Members beyond this number would only make the steps slower. */
const mostMembers = 9;

export class MixedGroup {
  readonly engines: readonly MlsEngine[];
  /** Whether the engine is known to refuse this valid tree: the joiner's seat then goes to the first engine. */
  private readonly refuses: (engine: MlsEngine, tree: Uint8Array) => boolean;
  seats: Seat[] = [];
  private readonly gone: Seat[] = [];
  private letters: Letter[] = [];
  private serial = 0;
  /** How often each step was run with each engine acting: what the sequences really covered. */
  readonly ran = new Map<string, number>();

  constructor(
    engines: readonly MlsEngine[],
    refuses: (engine: MlsEngine, tree: Uint8Array) => boolean = () => false,
  ) {
    this.engines = engines;
    this.refuses = refuses;
  }

  async found(engine: number): Promise<void> {
    const seat = await this.newcomer(this.engines[engine]!);
    seat.state = await seat.engine.create(seat.bundle, this.nextName('group'));
    this.seats = [seat];
  }

  async run(step: Step): Promise<void> {
    const actor = this.at('by' in step ? step.by : 0);
    switch (step.do) {
      case 'add':
        await this.add(actor, step.engines, step.proposer, step.framing, []);
        break;
      case 'remove':
        await this.remove(actor, this.at(step.who), this.at(step.proposer), step.framing);
        break;
      case 'update':
        this.count('update', actor);
        await this.commit(actor, { framing: step.framing });
        break;
      case 'update-by-reference':
        await this.updateByReference(
          actor,
          step.proposers.map((pick) => this.at(pick)),
          step.framing,
        );
        break;
      case 'join-externally':
        if (this.seats.length < mostMembers) await this.joinExternally(actor, step.engine, undefined);
        break;
      case 'resync':
        await this.joinExternally(actor, step.engine, this.at(step.who));
        break;
      case 'psk': {
        const psk = { id: this.nextName('psk'), secret: utf8('a secret shared out of band') };
        await this.add(actor, step.engines, step.proposer, step.framing, [psk]);
        break;
      }
      case 'extensions':
        await this.changeExtensions(actor, step.basicRequired, step.framing);
        break;
      case 'reinit':
        await this.reinit(actor, this.at(step.creator), step.swap, step.framing);
        break;
      case 'branch':
        await this.branch(actor, step.others, step.go);
        break;
      case 'restart': {
        const seat = this.at(step.who);
        this.count('restart', seat);
        seat.state = await seat.engine.decodeState(await seat.engine.encodeState(seat.state));
        break;
      }
      case 'send':
        await this.send(actor, step.count, step.order, step.late);
    }
  }

  async checkAgreement(): Promise<void> {
    await agree(this.seats);
  }

  private at(pick: number): Seat {
    return this.seats[pick % this.seats.length]!;
  }

  private count(what: string, { engine }: Seat): void {
    const key = `${what} by ${engine.name}`;
    this.ran.set(key, (this.ran.get(key) ?? 0) + 1);
  }

  private nextName(kind: string): Uint8Array {
    return utf8(`${kind} ${++this.serial}`);
  }

  private async newcomer(engine: MlsEngine): Promise<Seat> {
    const identity = this.nextName('member');
    const bundle = await engine.keyPackage(identity);
    return { identity, name: `${text(identity)} (${engine.name})`, engine, bundle, state: undefined };
  }

  /** Adds newcomers, PSKs or both; by reference when the proposer is another member than the committer. */
  private async add(
    actor: Seat,
    picks: readonly number[],
    proposerPick: number,
    framing: Framing,
    psks: readonly ExternalPsk[],
  ): Promise<void> {
    const room = mostMembers - this.seats.length;
    const newcomers: Seat[] = [];
    for (const pick of picks.slice(0, room)) newcomers.push(await this.newcomer(this.engines[pick]!));
    const proposals: Exclude<EngineProposal, { kind: 'update' }>[] = [
      ...newcomers.map(({ bundle }) => ({ kind: 'add' as const, keyPackage: bundle.keyPackage })),
      ...psks.map(({ id }) => ({ kind: 'psk' as const, id })),
    ];
    if (proposals.length === 0) return;
    const proposer = this.at(proposerPick);
    this.count(psks.length > 0 ? 'psk' : 'add', actor);
    if (proposer !== actor) {
      for (const proposal of proposals) await this.propose(proposer, proposal, framing);
    }
    const byValue = proposer === actor ? proposals : [];
    const result = await this.commit(actor, { proposals: byValue, psks, framing });
    for (const seat of newcomers) await this.welcome(seat, actor, result.welcome, psks, undefined);
  }

  private async remove(actor: Seat, target: Seat, proposer: Seat, framing: Framing): Promise<void> {
    if (target === actor || this.seats.length < 3) return;
    this.count('remove', actor);
    const leaf = target.engine.ownLeaf(target.state);
    const proposal = { kind: 'remove', leaf } as const;
    const byValue = proposer === actor || proposer === target;
    if (!byValue) await this.propose(proposer, proposal, framing);
    await this.commit(actor, { proposals: byValue ? [proposal] : [], framing }, target);
    this.seats = this.seats.filter((seat) => seat !== target);
    this.letters = this.letters.filter(({ to }) => to !== target);
    this.gone.push(target);
  }

  private async updateByReference(actor: Seat, chosen: readonly Seat[], framing: Framing): Promise<void> {
    const proposers = new Set(chosen.filter((seat) => seat !== actor));
    if (proposers.size === 0) return;
    for (const proposer of proposers) {
      this.count('update-by-reference', proposer);
      await this.propose(proposer, { kind: 'update' }, framing);
    }
    await this.commit(actor, { framing });
  }

  private async joinExternally(host: Seat, pick: number, replaced: Seat | undefined): Promise<void> {
    if (replaced !== undefined && (replaced === host || this.seats.length < 3)) return;
    const tree = host.engine.ratchetTree(host.state);
    const engine = this.engineFor(this.engines[pick]!, tree);
    const identity = replaced?.identity ?? this.nextName('member');
    const bundle = await engine.keyPackage(identity, replaced?.bundle.signatureKeys);
    const groupInfo = await host.engine.groupInfo(host.state);
    const replaces = replaced === undefined ? undefined : replaced.engine.ownLeaf(replaced.state);
    const joined = await engine.joinExternally(bundle, groupInfo, replaces);
    const seat: Seat = {
      identity,
      name: `${text(identity)} (${engine.name})`,
      engine,
      bundle,
      state: joined.state,
    };
    this.count(replaced === undefined ? 'join-externally' : 'resync', seat);
    await this.deliver(joined.commit, undefined, [], replaced);
    this.seats = [...this.seats.filter((other) => other !== replaced), seat];
    this.letters = this.letters.filter(({ to }) => to !== replaced);
    if (replaced !== undefined) this.gone.push(replaced);
  }

  /** By engines that send the path section 17.4 wants; all others take it. */
  private async changeExtensions(actor: Seat, basicRequired: boolean, framing: Framing): Promise<void> {
    if (!actor.engine.commitsExtensions) return;
    this.count('extensions', actor);
    const data = Uint8Array.from(basicRequired ? [0, 0, 2, 0, 1] : [0, 0, 0]);
    await this.commit(actor, {
      proposals: [{ kind: 'extensions', extensions: [{ type: requiredCapabilities, data }] }],
      framing,
    });
  }

  private async reinit(actor: Seat, creator: Seat, swap: boolean, framing: Framing): Promise<void> {
    if (this.seats.length < 2) return;
    this.count('reinit', actor);
    const groupId = this.nextName('group');
    await this.commit(actor, { proposals: [{ kind: 'reinit', groupId }], framing });
    await this.checkAgreement();
    this.letters = [];
    await this.resume('reinit', creator, this.seats, groupId, swap);
  }

  private async branch(actor: Seat, others: number, go: boolean): Promise<void> {
    const members = this.seats.filter((seat, at) => seat === actor || (others >> at) & 1);
    if (members.length < 2) return;
    this.count('branch', actor);
    const groupId = this.nextName('group');
    if (go) {
      this.letters = [];
      await this.resume('branch', actor, members, groupId, false);
      return;
    }
    const before = { seats: this.seats, states: this.seats.map(({ state, bundle }) => ({ state, bundle })) };
    await this.resume('branch', actor, members, groupId, false);
    await this.checkAgreement();
    this.seats = before.seats;
    for (const [at, seat] of this.seats.entries()) Object.assign(seat, before.states[at]);
  }

  /** Sections 11.2 and 11.3: `creator` makes the successor, the other members join it as holders of the old group. */
  private async resume(
    usage: 'reinit' | 'branch',
    creator: Seat,
    members: readonly Seat[],
    groupId: Uint8Array,
    swapOrder: boolean,
  ): Promise<void> {
    const others = members.filter((seat) => seat !== creator);
    if (swapOrder) others.reverse();
    const olds = new Map(members.map((seat) => [seat, seat.state]));
    for (const seat of members) {
      seat.bundle = await seat.engine.keyPackage(seat.identity, seat.bundle.signatureKeys);
    }
    this.count(`${usage} group created`, creator);
    const keyPackages = others.map(({ bundle }) => bundle.keyPackage);
    const result = await creator.engine.resume(creator.state, usage, creator.bundle, groupId, keyPackages);
    creator.state = result.state;
    this.seats = [creator];
    for (const seat of others) await this.welcome(seat, creator, result.welcome, [], olds.get(seat));
  }

  private async send(sender: Seat, count: number, order: number, late: boolean): Promise<void> {
    this.count('send', sender);
    const sent: { message: Uint8Array; content: string }[] = [];
    for (let at = 0; at < count; at++) {
      const content = `${sender.name} says ${++this.serial}`;
      const { state, message } = await sender.engine.protect(sender.state, utf8(content));
      sender.state = state;
      sent.push({ message, content });
    }
    const shuffled = sent.toSorted(
      (a, b) => ((sent.indexOf(a) * order) % 7) - ((sent.indexOf(b) * order) % 7),
    );
    for (const seat of this.seats) {
      if (seat === sender) continue;
      const [first, ...rest] = shuffled.map((letter) => ({ to: seat, ...letter }));
      await this.read(late ? rest : [first!, ...rest]);
      if (late) this.letters.push(first!);
    }
    for (const seat of this.gone.slice(-2)) {
      const opened = Promise.resolve().then(() => seat.engine.process(seat.state, sent[0]!.message));
      await expect(opened, `${seat.name} was removed`).rejects.toThrow();
    }
  }

  private async read(letters: readonly Letter[]): Promise<void> {
    for (const { to, message, content } of letters) {
      const opened = await named(`${to.name} reads "${content}"`, () => to.engine.process(to.state, message));
      expect(opened.kind === 'application' && text(opened.content), to.name).toBe(content);
      to.state = opened.state;
    }
  }

  private async propose(proposer: Seat, proposal: EngineProposal, framing: Framing): Promise<void> {
    const what = `${proposer.name} proposes ${proposal.kind}`;
    const { state, message } = await named(what, () =>
      proposer.engine.propose(proposer.state, proposal, framing),
    );
    proposer.state = state;
    for (const seat of this.seats) {
      if (seat === proposer) continue;
      const { state: next } = await named(`${seat.name} takes: ${what}`, () =>
        seat.engine.process(seat.state, message),
      );
      seat.state = next;
    }
  }

  private async commit(actor: Seat, what: EngineCommit, removed?: Seat): Promise<Committed<unknown>> {
    const kinds = what.proposals?.map(({ kind }) => kind).join() ?? '';
    const result = await named(`${actor.name} commits [${kinds}], ${what.framing}`, () =>
      actor.engine.commit(actor.state, what),
    );
    actor.state = result.state;
    await this.deliver(result.commit, actor, what.psks ?? [], removed);
    return result;
  }

  /** To everyone there; then what was held back of the epoch before, since late messages outlive it. */
  private async deliver(
    commit: Uint8Array,
    committer: Seat | undefined,
    psks: readonly ExternalPsk[],
    removed: Seat | undefined,
  ): Promise<void> {
    for (const seat of this.seats) {
      if (seat === committer) continue;
      const result = await named(
        `${seat.name} processes the commit of ${committer?.name ?? 'a joiner'}`,
        () => seat.engine.process(seat.state, commit, psks),
      );
      expect(result.kind === 'handshake' && result.removed, `${seat.name} is removed`).toBe(seat === removed);
      seat.state = result.state;
    }
    const late = this.letters.filter(({ to }) => to !== removed);
    this.letters = [];
    await this.read(late);
  }

  private async welcome(
    seat: Seat,
    committer: Seat,
    welcome: Uint8Array | undefined,
    psks: readonly ExternalPsk[],
    from: unknown,
  ): Promise<void> {
    if (welcome === undefined) throw new Error(`${committer.name} added ${seat.name} and gave no Welcome`);
    if (from === undefined) {
      seat.engine = this.engineFor(seat.engine, committer.engine.ratchetTree(committer.state));
    }
    const options = from === undefined ? { psks } : { psks, from };
    seat.state = await named(`${seat.name} joins by the Welcome of ${committer.name}`, () =>
      seat.engine.join(seat.bundle, welcome, options),
    );
    this.count('join', seat);
    this.seats = [...this.seats, seat];
  }

  private engineFor(engine: MlsEngine, tree: Uint8Array): MlsEngine {
    if (!this.refuses(engine, tree)) return engine;
    const key = `seat handed over by ${engine.name}`;
    this.ran.set(key, (this.ran.get(key) ?? 0) + 1);
    return this.engines[0]!;
  }
}

/** Section 8: all members of an epoch hold the same tree and derive the same secrets. */
async function agree(seats: readonly Seat[]): Promise<void> {
  const [first, ...others] = await Promise.all(
    seats.map(async ({ name, engine, state }) => ({
      name,
      view: {
        epoch: engine.epoch(state),
        treeHash: hex(engine.treeHash(state)),
        epochAuthenticator: hex(engine.epochAuthenticator(state)),
        exporter: hex(await engine.exporter(state, 'agreement', utf8('context'), 32)),
        ratchetTree: hex(engine.ratchetTree(state)),
        members: engine.members(state),
      },
    })),
  );
  expect(first!.view.members, `members in the tree of ${first!.name}`).toBe(seats.length);
  for (const other of others) expect(other.view, `${other.name} and ${first!.name}`).toEqual(first!.view);
}

/** Says who was doing what when an implementation refused. */
async function named<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
