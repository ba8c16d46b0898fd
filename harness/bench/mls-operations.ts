/** What the MLS bench measures, in groups that all contenders are members of at once. */
import type { Client, Contender, Contenders } from './mls-contenders.ts';
import type { KeyBundle, MlsEngine } from './mls-engine.ts';
import type { Operation } from './mls-measure.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const group = utf8('bench');

/** Two seats of one contender in a group: one to act, one to receive. */
interface Seats {
  readonly actor: KeyBundle;
  readonly receiver: KeyBundle;
}

export interface World {
  readonly size: number;
  readonly seats: ReadonlyMap<Contender, Seats>;
  readonly welcome: Uint8Array;
  /** An empty commit with a path by a member that is none of the contenders. */
  readonly commit: Uint8Array;
}

export function soloOperations(builder: MlsEngine): Operation[] {
  return [
    {
      op: 'KeyPackage',
      size: 1,
      times: 10,
      prepare:
        async ({ engine }) =>
        async () => {
          for (let n = 0; n < 10; n++) await engine.keyPackage(utf8(`member ${n}`));
        },
    },
    {
      op: 'create',
      size: 1,
      times: 10,
      prepare: async ({ engine }) => {
        const bundle = await engine.keyPackage(utf8('founder'));
        return async () => {
          for (let n = 0; n < 10; n++) await engine.create(bundle, group);
        };
      },
    },
    ...[1, 9, 99, 255].map(
      (size): Operation => ({
        op: 'add in one commit',
        size,
        prepare: async ({ engine }) => {
          const state = await engine.create(await engine.keyPackage(utf8('founder')), group);
          const proposals = (await bundles(builder, size)).map(add);
          return () => engine.commit(state, { proposals, framing: 'public', path: false });
        },
      }),
    ),
  ];
}

/** All added in one commit: parents are blank, so that a path is sealed to every member. */
export async function coldWorld(contenders: Contenders, size: number): Promise<World> {
  const { builder } = contenders;
  const seats = await seatsOf(contenders);
  const taken = [...seats.values()].flatMap(({ actor, receiver }) => [actor, receiver]);
  const others = await bundles(builder, size - 1 - taken.length);
  const founder = await builder.create(await builder.keyPackage(utf8('founder')), group);
  const proposals = [...taken, ...others].map(add);
  return opened(builder, size, seats, founder, proposals);
}

/**
 * All joined by external commits: each parent has a key, so that a path is sealed to log n nodes. The contenders then take
 * the place of members in the middle.
 */
export async function populatedWorld(contenders: Contenders, size: number): Promise<World> {
  const { builder } = contenders;
  let state = await builder.create(await builder.keyPackage(utf8('founder')), group);
  for (const bundle of await bundles(builder, size - 1)) {
    state = (await builder.joinExternally(bundle, await builder.groupInfo(state))).state;
  }
  const seats = await seatsOf(contenders);
  const taken = [...seats.values()].flatMap(({ actor, receiver }) => [actor, receiver]);
  const between = Math.floor(size / (taken.length + 1));
  const removals = taken.map((_, at) => ({ kind: 'remove', leaf: (at + 1) * between }) as const);
  return opened(builder, size, seats, state, [...removals, ...taken.map(add)]);
}

export function treeOperations(world: World, tree: 'cold tree' | 'populated tree'): Operation[] {
  const { size, seats, welcome } = world;
  const joins = new Map<string, unknown>();
  /** A client that remembers nothing can be seated once for all rounds. */
  const seated = async (client: Client, contender: Contender, seat: keyof Seats): Promise<unknown> => {
    const key = `${contender.name} ${seat}`;
    const known = joins.get(key);
    if (known !== undefined) return known;
    const state = await client.engine.join(seats.get(contender)![seat], welcome);
    if (!contender.remembers) joins.set(key, state);
    return state;
  };
  const commit: Operation = {
    op: `empty commit, ${tree}`,
    size,
    prepare: async (client, contender) => {
      const state = await seated(client, contender, 'actor');
      return () => client.engine.commit(state, { framing: 'public' });
    },
  };
  const process: Operation = {
    op: `process it, ${tree}`,
    size,
    prepare: async (client, contender) => {
      const state = await seated(client, contender, 'receiver');
      return () => client.engine.process(state, world.commit);
    },
  };
  const join: Operation = {
    op: `join, ${tree}`,
    size,
    prepare: async ({ engine }, contender) => {
      const bundle = seats.get(contender)!.actor;
      return () => engine.join(bundle, welcome);
    },
  };
  return [join, commit, process];
}

/** In a group of `world`; a message is 256 bytes. */
export function messageOperations(world: World): Operation[] {
  const content = new Uint8Array(256).fill(7);
  const row = (op: string, count: number, order: 'in order' | 'reversed'): Operation => ({
    op,
    size: world.size,
    times: count,
    prepare: async ({ engine }, contender) => {
      const { actor, receiver } = world.seats.get(contender)!;
      const sent = await sendAll(engine, await engine.join(actor, world.welcome), content, count);
      if (order === 'reversed') sent.reverse();
      const state = await engine.join(receiver, world.welcome);
      return () => readAll(engine, state, sent);
    },
  });
  return [
    {
      op: 'encrypt 256 B',
      size: world.size,
      times: 200,
      prepare: async ({ engine }, contender) => {
        const state = await engine.join(world.seats.get(contender)!.actor, world.welcome);
        return () => sendAll(engine, state, content, 200);
      },
    },
    row('decrypt 256 B in order', 200, 'in order'),
    row('decrypt 1,000 of 256 B, last first', 1000, 'reversed'),
  ];
}

/** Of a member who has just joined. */
export function stateOperations(world: World): Operation[] {
  const held = async ({ engine }: Client, contender: Contender) =>
    engine.join(world.seats.get(contender)!.actor, world.welcome);
  return [
    {
      op: 'serialise state',
      size: world.size,
      prepare: async (client, contender) => {
        const state = await held(client, contender);
        return () => client.engine.encodeState(state);
      },
    },
    {
      op: 'restore state',
      size: world.size,
      prepare: async (client, contender) => {
        const bytes = await client.engine.encodeState(await held(client, contender));
        return () => client.engine.decodeState(bytes);
      },
    },
  ];
}

async function opened(
  builder: MlsEngine,
  size: number,
  seats: World['seats'],
  state: unknown,
  proposals: readonly (ReturnType<typeof add> | { readonly kind: 'remove'; readonly leaf: number })[],
): Promise<World> {
  const path = proposals.some(({ kind }) => kind === 'remove');
  const added = await builder.commit(state, { proposals, framing: 'public', path });
  const next = await builder.commit(added.state, { framing: 'public' });
  return { size, seats, welcome: added.welcome!, commit: next.commit };
}

async function seatsOf(contenders: Contenders): Promise<Map<Contender, Seats>> {
  const seats = new Map<Contender, Seats>();
  for (const contender of [contenders.ours, contenders.counted, contenders.peer, contenders.peerNative]) {
    const { engine } = contender.client();
    const actor = await engine.keyPackage(utf8(`${contender.name}, actor`));
    const receiver = await engine.keyPackage(utf8(`${contender.name}, receiver`));
    seats.set(contender, { actor, receiver });
  }
  return seats;
}

async function bundles(engine: MlsEngine, count: number): Promise<KeyBundle[]> {
  const made: KeyBundle[] = [];
  for (let n = 0; n < count; n++) made.push(await engine.keyPackage(utf8(`filler ${n}`)));
  return made;
}

function add({ keyPackage }: KeyBundle): { readonly kind: 'add'; readonly keyPackage: Uint8Array } {
  return { kind: 'add', keyPackage };
}

async function sendAll(
  engine: MlsEngine,
  from: unknown,
  content: Uint8Array,
  count: number,
): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  let state = from;
  for (let n = 0; n < count; n++) {
    const sent = await engine.protect(state, content);
    state = sent.state;
    messages.push(sent.message);
  }
  return messages;
}

async function readAll(engine: MlsEngine, from: unknown, messages: readonly Uint8Array[]): Promise<void> {
  let state = from;
  for (const message of messages) state = (await engine.process(state, message)).state;
}
