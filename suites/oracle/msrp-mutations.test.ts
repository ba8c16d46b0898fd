/** Large messages gone wrong in one way each: what the oracle notices of it in MSRP, and whom it blames. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dissectMsrp } from '../../harness/oracle/dissect/msrp.ts';
import { dissectWire } from '../../harness/oracle/dissect/wire.ts';
import { judge } from '../../harness/oracle/judge.ts';
import { named } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { FrameEntry, TraceEntry } from '../../reports/trace.ts';
import {
  isFrame,
  matrix,
  type Recording,
  recorded,
  remade,
  review,
  sideOf,
  textOf,
  wireId,
} from './support/real-trace.ts';

const onLargeMode = (cell: Case): Case => {
  const carrier = named(matrix.carriers, 'up30-e2ee', 'carrier');
  return { ...cell, carriers: { A: carrier, B: carrier } };
};
const withoutMls = (cell: Case): Case => {
  const device = named(matrix.devices, 'galaxy-up30-no-mls', 'device');
  return onLargeMode({ ...cell, roles: { ...cell.roles, bob: { ...cell.roles['bob']!, device } } });
};

type Trace = readonly TraceEntry[];
const octetsOf = (entry: TraceEntry): string => {
  if (!isFrame(entry) || !entry.bytes) return '';
  return 'text' in entry.bytes
    ? Buffer.from(entry.bytes.text, 'utf8').toString('latin1')
    : Buffer.from(entry.bytes.base64, 'base64').toString('latin1');
};
const isMsrp = (entry: TraceEntry): entry is FrameEntry => octetsOf(entry).startsWith('MSRP ');
const isSend = (entry: TraceEntry): entry is FrameEntry => /^MSRP \S+ SEND\r/.test(octetsOf(entry));

/** The connection over which `from` sends the message `name` to `to`, in large message mode. */
function chunksOf(trace: Trace, name: string, from: string, to: string): FrameEntry[] {
  const id = wireId(trace, name);
  const between = (entry: FrameEntry) => sideOf(trace, entry.from) === from && sideOf(trace, entry.to) === to;
  const first = trace.find(
    (entry) => isSend(entry) && between(entry) && octetsOf(entry).includes(`imdn.Message-ID: ${id}`),
  ) as FrameEntry;
  return trace.filter(
    (entry): entry is FrameEntry =>
      isSend(entry) && entry.connection === first.connection && entry.from === first.from,
  );
}

/** Frames of which `which` tells that they are meant, rewritten as octets or taken out. */
function changed(
  trace: Trace,
  which: (entry: FrameEntry) => boolean,
  rewrite: (octets: string) => string | undefined,
): TraceEntry[] {
  let changes = 0;
  const out = remade(trace, (entry) => {
    if (!isFrame(entry) || !which(entry)) return entry;
    changes += 1;
    const octets = rewrite(octetsOf(entry));
    return octets === undefined
      ? undefined
      : { ...entry, bytes: { base64: Buffer.from(octets, 'latin1').toString('base64') } };
  });
  if (changes === 0) throw new Error('the mutation changed nothing');
  return out;
}

const answersTo = (chunk: FrameEntry) => {
  const id = /^MSRP (\S+)/.exec(octetsOf(chunk))![1];
  return (entry: FrameEntry) =>
    isMsrp(entry) && entry.from === chunk.to && new RegExp(`^MSRP ${id} \\d`).test(octetsOf(entry));
};

/** Both halves of `marker` in two chunks, so that no frame holds it whole. */
function leak(trace: Trace, [first, second]: readonly FrameEntry[], marker: string): TraceEntry[] {
  const half = marker.length >> 1;
  const inFirst = changed(
    trace,
    (entry) => entry === first,
    (octets) => {
      const end = octets.lastIndexOf('\r\n-------');
      return octets.slice(0, end - half) + marker.slice(0, half) + octets.slice(end);
    },
  );
  return changed(
    inFirst,
    (entry) => entry.n === second!.n,
    (octets) => {
      const start = octets.indexOf('\r\n\r\n') + 4;
      const rest = marker.slice(half);
      return octets.slice(0, start) + rest + octets.slice(start + rest.length);
    },
  );
}

interface Mutation {
  readonly what: string;
  readonly world: 'sealed' | 'plain';
  readonly mutate: (trace: Trace) => TraceEntry[];
  readonly noticedBy: string;
  readonly blamed: string;
}

const A = 'carrier:A';
const B = 'carrier:B';
const ALICE = 'device:alice';

const MUTATIONS: readonly Mutation[] = [
  {
    what: 'a carrier does not answer a chunk',
    world: 'plain',
    mutate: (trace) => changed(trace, answersTo(chunksOf(trace, 'letter', ALICE, A)[0]!), () => undefined),
    noticedBy: 'I7-signalling',
    blamed: A,
  },
  {
    what: 'a carrier sends its answer somewhere else',
    world: 'plain',
    mutate: (trace) =>
      changed(trace, answersTo(chunksOf(trace, 'letter', ALICE, A)[0]!), (octets) =>
        octets.replace(/(To-Path: \S+\/)\w{4}/, '$1XXXX'),
      ),
    noticedBy: 'I7-signalling',
    blamed: A,
  },
  {
    what: 'a carrier answers what its sender wants no answer to',
    world: 'plain',
    mutate: (trace) => {
      const [chunk] = chunksOf(trace, 'letter', ALICE, A);
      return changed(
        trace,
        (entry) => entry === chunk,
        (octets) => octets.replace('Failure-Report: yes', 'Failure-Report: no'),
      );
    },
    noticedBy: 'I7-signalling',
    blamed: A,
  },
  {
    what: 'a phone counts its octets wrong',
    world: 'plain',
    mutate: (trace) => {
      const [chunk] = chunksOf(trace, 'letter', ALICE, A);
      return changed(
        trace,
        (entry) => entry === chunk,
        (octets) => octets.replace(/Byte-Range: 1-(\d+)/, (_, end) => `Byte-Range: 1-${Number(end) + 2}`),
      );
    },
    noticedBy: 'I7-signalling',
    blamed: ALICE,
  },
  {
    what: 'a phone never says BYE',
    world: 'plain',
    mutate: (trace) => {
      const [chunk] = chunksOf(trace, 'letter', ALICE, A);
      const bye = trace.find(
        (entry) =>
          isFrame(entry) &&
          entry.n > chunk!.n &&
          textOf(entry).startsWith('BYE ') &&
          sideOf(trace, entry.from) === ALICE,
      )!;
      const callId = /\n(?:Call-ID|i): (\S+)/i.exec(textOf(bye))![1]!;
      return changed(
        trace,
        (entry) => textOf(entry).includes(callId) && /^BYE |CSeq: \d+ BYE/m.test(textOf(entry)),
        () => undefined,
      );
    },
    noticedBy: 'I7-signalling',
    blamed: ALICE,
  },
  {
    what: 'a carrier leaves out a chunk of what it hands on',
    world: 'plain',
    mutate: (trace) => {
      const gone = chunksOf(trace, 'letter', A, B)[0]!;
      const isAnswer = answersTo(gone);
      return changed(
        trace,
        (entry) => entry === gone || isAnswer(entry),
        () => undefined,
      );
    },
    noticedBy: 'I7-signalling',
    blamed: A,
  },
  {
    what: 'a carrier changes the text of a large message',
    world: 'plain',
    mutate: (trace) => {
      const louder = (text: string) => text.replace('harbour', 'HARBOUR');
      const chunks = chunksOf(trace, 'letter', A, B);
      const onTheWay = changed(trace, (entry) => entry === chunks[0], louder);
      return review(onTheWay, 'bob', (view) => ({
        ...view,
        bubbles: view.bubbles.map((one) =>
          one.message === 'letter' ? { ...one, text: louder(one.text) } : one,
        ),
      }));
    },
    noticedBy: 'rcs-displayed',
    blamed: A,
  },
  {
    what: 'a carrier writes what it should not know across two chunks',
    world: 'sealed',
    mutate: (trace) => {
      const world = trace[0]!;
      const marker = world.kind === 'world' ? world.markers['letter']! : '';
      return leak(trace, chunksOf(trace, 'letter', A, B), marker);
    },
    noticedBy: 'I1-confidentiality',
    blamed: A,
  },
];

describe('each mutation of a real large message is noticed, and its side blamed', () => {
  const worlds = new Map<Mutation['world'], Recording>();

  beforeAll(async () => {
    worlds.set('sealed', await recorded('large', onLargeMode));
    worlds.set('plain', await recorded('large', withoutMls));
  }, 60_000);

  const verdictOf = (world: Mutation['world'], mutate: (trace: Trace) => Trace) => {
    const { cell, trace } = worlds.get(world)!;
    return judge(cell, mutate(trace), matrix.expectations);
  };

  test.each(['sealed', 'plain'] as const)('nothing is wrong with the %s one itself', (world) => {
    expect(verdictOf(world, (trace) => trace)).toMatchObject({ outcome: 'passed', failures: [] });
  });

  test('its letters did go in large message mode, and hellos did not', () => {
    const { trace } = worlds.get('plain')!;
    const { msrpMessages, messages } = dissectWire(trace.filter(isFrame));
    const large = messages.filter(({ carriage }) => carriage === 'msrp').map(({ cpim }) => cpim!.messageId);
    expect(new Set(large)).toContain(wireId(trace, 'letter'));
    expect(new Set(large)).not.toContain(wireId(trace, 'hello'));
    expect(msrpMessages.every(({ bytes }) => bytes !== undefined)).toBe(true);
  });

  test.each(MUTATIONS)('$what', ({ world, mutate, noticedBy, blamed }) => {
    const { failures } = verdictOf(world, mutate);
    const found = failures.map(({ rule, blame }) => `${rule} ${blame.side}`);
    expect(found, JSON.stringify(failures, undefined, 1)).toContain(`${noticedBy} ${blamed}`);
  });
});

describe('the MSRP dissector', () => {
  test('reads the example of RFC 4975 section 11.1, and tells that its Byte-Range counts two octets too many', () => {
    const text = [
      'MSRP d93kswow SEND',
      'To-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp',
      'From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp',
      'Message-ID: 12339sdqwer',
      'Byte-Range: 1-16/16',
      'Content-Type: text/plain',
      '',
      "Hi, I'm Alice!",
      '-------d93kswow$',
      '',
    ].join('\r\n');
    const { facts, malformed } = dissectMsrp(Buffer.from(text), text, 0);
    expect(facts).toMatchObject({ method: 'SEND', messageId: '12339sdqwer', flag: '$' });
    expect(Buffer.from(facts!.data!).toString()).toBe("Hi, I'm Alice!");
    expect(malformed.map(({ clause }) => clause)).toEqual(['RFC 4975 7.1.1', 'RFC 4975 5.1']);
  });

  test('never throws, whatever the octets', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'MSRP abcd SEND\r\n',
        'To-Path: x\r\n',
        '\r\n',
        '-------abcd$\r\n',
        '-------abcd',
        'MSRP ',
        'é',
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const bytes = Buffer.from(`MSRP abcd SEND\r\n${parts.join('')}`);
        return dissectMsrp(bytes, bytes.toString('latin1'), 0).end > 0;
      }),
    );
  });
});
