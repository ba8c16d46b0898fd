import type { Blame, Failure } from '../../../reports/result.ts';
import type { OracleContext } from '../context.ts';
import { firstStateWhere, type Hop, incoming, type MessageStory, namesMessage } from '../message-story.ts';

/** Messages of one sender that their recipient shows in another order than they were written, over the same channel. */
export function orderFailures(context: OracleContext): Pick<Failure, 'expected' | 'actual' | 'blame'>[] {
  const failures: Pick<Failure, 'expected' | 'actual' | 'blame'>[] = [];
  const places = context.messages.map((story) => placeOf(context, story));
  for (let later = 1; later < places.length; later += 1) {
    for (let earlier = later - 1; earlier >= 0; earlier -= 1) {
      const a = places[earlier];
      const b = places[later];
      if (!a || !b || !sameLane(a, b) || wasHeldBack(context, a.story)) continue;
      if (a.position > b.position) {
        failures.push({
          expected: `${a.story.recipient} shows "${a.story.subject.name}" before "${b.story.subject.name}"`,
          actual: 'it shows them the other way round',
          blame: blameForOrder(context, a.story, b.story),
        });
      }
      break;
    }
  }
  return failures;
}

interface Place {
  readonly story: MessageStory;
  readonly position: number;
  readonly channel: string;
}

function placeOf(context: OracleContext, story: MessageStory): Place | undefined {
  const state = context.stateOf(story.recipient);
  const bubble = incoming(state, story)[0];
  return bubble && { story, position: state!.view.bubbles.indexOf(bubble), channel: bubble.channel };
}

function sameLane(a: Place, b: Place): boolean {
  return (
    a.story.sender === b.story.sender && a.story.recipient === b.story.recipient && a.channel === b.channel
  );
}

/** A message that its sender was told is held may leave after later ones. */
function wasHeldBack(context: OracleContext, story: MessageStory): boolean {
  return context.events.some(
    (event) => event.name === 'notification' && event.side === story.sender && namesMessage(event, story),
  );
}

/** The first side on the way that sent the later message first though it had the earlier one. */
function blameForOrder(context: OracleContext, a: MessageStory, b: MessageStory): Blame {
  const what = `"${b.subject.name}" before "${a.subject.name}"`;
  for (const hop of b.hops) {
    if (hop.entry.fate !== 'delivered') continue;
    const tries = a.hops.filter((one) => one.from === hop.from);
    const mine = tries.find((one) => one.entry.fate === 'delivered');
    const isLater = mine ? mine.entry.n > hop.entry.n : tries.length === 0;
    const had = hop.from === a.sender || arrivedBefore(a.hops, hop);
    if (had && isLater) {
      return { side: hop.from, entry: hop.entry.n, evidence: `${hop.from} sent ${what} here` };
    }
  }
  const shown = firstStateWhere(context, a.recipient, (state) => incoming(state, b).length > 0);
  return { side: a.recipient, entry: shown?.n ?? context.end.n, evidence: `it first shows ${what} here` };
}

function arrivedBefore(hops: readonly Hop[], onward: Hop): boolean {
  return hops.some(
    (hop) => hop.to === onward.from && hop.entry.n < onward.entry.n && hop.entry.fate === 'delivered',
  );
}
