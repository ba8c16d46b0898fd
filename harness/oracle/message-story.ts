import type { Bubble, EventEntry, FrameEntry, StateEntry } from '../../reports/trace.ts';
import type { OracleContext } from './context.ts';
import type { SipSeen } from './dissect/wire.ts';
import type { MessageSubject } from './subjects.ts';

/** How a message was protected on one hop. */
export type Protection = 'secure' | 'plain' | 'sms';

/** A frame by which a message (or a receipt for it) left one side for another. */
export interface Hop {
  readonly entry: FrameEntry;
  readonly from: string;
  readonly to: string;
  readonly protection: Protection;
  /** Undefined for an SMS. */
  readonly sip?: SipSeen;
}

/** All that the trace tells of one message of the case. */
export interface MessageStory {
  readonly subject: MessageSubject;
  /** Sides. */
  readonly sender: string;
  readonly recipient: string;
  /** What the recipient must read. */
  readonly text: string;
  readonly marker?: string;
  /** Ids that the sender's bubbles gave it. */
  readonly wireIds: readonly string[];
  readonly hops: readonly Hop[];
}

type Untold = Pick<OracleContext, 'subjects' | 'world' | 'states' | 'wire' | 'sideOf'>;

export function tellMessages(context: Untold): MessageStory[] {
  const ours = new Map(context.subjects.flatMap((one) => (one.kind === 'message' ? [[one.name, one]] : [])));
  return [...ours.values()].map((subject) => {
    const marker = context.world.markers[subject.name];
    const text = marker === undefined ? subject.send.text : withMarker(subject.send.text, marker);
    const sender = `device:${subject.send.from}`;
    const told = {
      subject,
      sender,
      recipient: `device:${subject.send.to}`,
      text,
      ...(marker !== undefined && { marker }),
    };
    const wireIds = new Set<string>();
    for (const state of context.states) {
      if (state.side !== sender) continue;
      for (const bubble of outgoing(state, told)) if (bubble.wireId !== '') wireIds.add(bubble.wireId);
    }
    const story = { ...told, wireIds: [...wireIds], hops: [] };
    return { ...story, hops: hopsOf(context, story) };
  });
}

/** What the sender writes: a text that doesn't say where its marker stands ends in it. */
function withMarker(text: string, marker: string): string {
  return text.includes('{marker}') ? text.replaceAll('{marker}', marker) : `${text} ${marker}`;
}

type Told = Omit<MessageStory, 'wireIds' | 'hops'>;

/** The sender's bubbles of a message in one view. */
export function outgoing(state: StateEntry | undefined, story: Told): Bubble[] {
  return bubblesOf(
    state,
    'out',
    (bubble) => bubble.message === story.subject.name || bubble.text === story.text,
  );
}

/** The recipient's bubbles of a message in one view. */
export function incoming(state: StateEntry | undefined, story: MessageStory): Bubble[] {
  return bubblesOf(
    state,
    'in',
    (bubble) => bubble.message === story.subject.name || story.wireIds.includes(bubble.message),
  );
}

/** The frames in which the message came to its recipient. */
export function arrivals(story: MessageStory): Hop[] {
  return story.hops.filter(({ to, entry }) => to === story.recipient && entry.fate !== 'lost');
}

function bubblesOf(
  state: StateEntry | undefined,
  direction: 'in' | 'out',
  isIt: (bubble: Bubble) => boolean,
): Bubble[] {
  return state?.view.bubbles.filter((bubble) => bubble.direction === direction && isIt(bubble)) ?? [];
}

/** Where a side's view first shows what `holds`; its last view if none does. */
export function firstStateWhere(
  context: Pick<OracleContext, 'states'>,
  side: string,
  holds: (state: StateEntry) => boolean,
): StateEntry | undefined {
  const states = context.states.filter((state) => state.side === side);
  return states.find(holds) ?? states.at(-1);
}

/** Whether an event names a message, by its scenario name or its wire id. */
export function namesMessage(event: EventEntry, story: MessageStory): boolean {
  return references(event).some((name) => name === story.subject.name || story.wireIds.includes(name));
}

/** As `names`; an event that names no message at all speaks of those sent before it. */
export function isAbout(
  context: Pick<OracleContext, 'stepAt'>,
  event: EventEntry,
  story: MessageStory,
): boolean {
  return references(event).length === 0
    ? context.stepAt(event.n) >= story.subject.sentAt
    : namesMessage(event, story);
}

const REFERENCES = ['message', 'messageId', 'wireId', 'id'] as const;

function references(event: EventEntry): string[] {
  return REFERENCES.map((key) => event.data[key]).filter((value) => typeof value === 'string');
}

function hopsOf(context: Untold, story: MessageStory): Hop[] {
  const hops: Hop[] = [];
  for (const sip of context.wire.messages) {
    const protection = protectionOf(sip, story);
    if (protection) hops.push(hopOf(context, sip.entry, protection, sip));
  }
  for (const { entry, text } of context.wire.sms) {
    if (text !== undefined && carries(text, story)) hops.push(hopOf(context, entry, 'sms'));
  }
  return hops.sort((a, b) => a.entry.n - b.entry.n);
}

/** How `sip` protects the message; undefined when it does not carry it. */
function protectionOf(sip: SipSeen, story: MessageStory): Protection | undefined {
  if (!sip.cpim)
    return sip.facts.body.length > 0 && carriesBytes(sip.facts.body, story) ? 'plain' : undefined;
  if (sip.cpim.receipts.length > 0) return undefined;
  const named = sip.cpim.messageId !== undefined && story.wireIds.includes(sip.cpim.messageId);
  if (sip.cpim.contentType === 'message/mls') return named ? 'secure' : undefined;
  return named || carriesBytes(sip.cpim.content, story) ? 'plain' : undefined;
}

function carriesBytes(bytes: Uint8Array, story: MessageStory): boolean {
  return carries(new TextDecoder().decode(bytes), story);
}

function carries(text: string, story: MessageStory): boolean {
  return text.includes(story.marker ?? story.text);
}

/** The frames that carry a receipt of `kind` for the message, from the recipient to the sender. */
export function receiptHops(
  context: OracleContext,
  story: MessageStory,
  kind: 'delivery' | 'display',
): Hop[] {
  return context.wire.messages
    .filter((sip) =>
      sip.cpim?.receipts.some((receipt) => receipt.kind === kind && story.wireIds.includes(receipt.about)),
    )
    .map((sip) => hopOf(context, sip.entry, 'plain', sip));
}

export function hopOf(
  context: Pick<OracleContext, 'sideOf'>,
  entry: FrameEntry,
  protection: Protection,
  sip?: SipSeen,
): Hop {
  return {
    entry,
    from: context.sideOf(entry.from),
    to: context.sideOf(entry.to),
    protection,
    ...(sip && { sip }),
  };
}
