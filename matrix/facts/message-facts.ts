import type { Case } from '../schema/case.ts';
import type { Step } from '../schema/step.ts';
import { configuredAt } from './configuration.ts';
import { carrierSheet, deviceSheet, type FactSheet, networkSheet, policySheet } from './entity-facts.ts';
import { type Fate, fateOfPlain, fateOfSealed, wayBetween } from './path.ts';
import { bothMlsUsable, howMany, pairSheet, type Seat, seatSheet } from './usable.ts';

/** What a `send` step says. */
export type Send = Extract<Step, { send: unknown }>['send'];

/** `stored`: the recipient has not come back yet. `final`: all came to rest. */
export type When = 'stored' | 'final';

/**
 * The facts by which the decision table judges one message, seen from its own sender and recipient (a reply's sender
 * is the case's recipient): `sender.*`, `recipient.*`, `sender.carrier.*`, `recipient.carrier.*`, `recipients.mls`,
 * `both.*`, `carriers.*`, `path.*`, `network.*`, `policy.*`, `scenario`, and `message.requirement`, `message.read` (a
 * later step reads it), `message.when`, `message.large` (beyond SwitchoverSize), whether it fits what the networks of both
 * ends take (`message.fitsSender`, `message.fitsRecipient`), and whether what stands between the carriers lets it pass
 * (`message.fate`). Sizes are those of the text, without what is wrapped around it, so that a text of a scenario must stay
 * well off the limits. Throws RangeError for a role that the case has not.
 */
export function messageFacts(testCase: Case, send: Send, when: When = 'final'): FactSheet {
  const { policy, steps } = testCase;
  const sender = seatOf(testCase, send.from);
  const recipient = seatOf(testCase, send.to);
  const sentAt = steps.findIndex((step) => 'send' in step && step.send.message === send.message);
  const read = steps
    .slice(sentAt + 1)
    .some((step) => 'read' in step && step.read.message === send.message && step.read.who === send.to);
  return {
    scenario: testCase.scenario.name,
    ...seatFacts('sender', sender, testCase),
    ...seatFacts('recipient', recipient, testCase),
    'recipients.mls': howMany([recipient.device.mls !== undefined]),
    ...pairSheet(sender, recipient, policy, testCase.network),
    ...networkSheet('network', testCase.network),
    ...policySheet('policy', policy),
    'message.requirement': send.requirement,
    'message.read': read,
    'message.when': when,
    'message.large': octetsOf(send) > sender.carrier.services.switchoverSize,
    'message.fitsSender': octetsOf(send) <= mostFrom(sender),
    'message.fitsRecipient': octetsOf(send) <= mostOf(recipient.carrier),
    'message.fate': fateOfMessage(testCase, send, sender, recipient),
  };
}

/** What the borders do to it, by the form in which it goes if it goes over RCS. */
function fateOfMessage({ network, policy }: Case, send: Send, sender: Seat, recipient: Seat): Fate {
  const way = wayBetween(sender.carrier, recipient.carrier, network);
  const octets = octetsOf(send);
  return bothMlsUsable(sender, recipient, policy, way) ? fateOfSealed(way, octets) : fateOfPlain(way, octets);
}

function octetsOf({ text }: Send): number {
  return new TextEncoder().encode(text).length;
}

/** Octets of the largest message that a network takes, in one way or the other (docs/rcs-signalling.md 4.3, 4.4). */
function mostOf({ services }: Seat['carrier']): number {
  return services.largeMode ? Math.max(services.maxSize, services.pagerMaxSize) : services.pagerMaxSize;
}

/** Phones before UP 3.0 send everything in pager mode. */
function mostFrom({ device, carrier }: Seat): number {
  return device.universalProfile === '3.0' ? mostOf(carrier) : carrier.services.pagerMaxSize;
}

/**
 * The facts by which the table judges a phone when step `at` begins: `device.*` itself and `peer.*`, whom it looks up;
 * `configured` of both, as the steps before left it.
 */
export function deviceFacts(testCase: Case, role: string, at = testCase.steps.length): FactSheet {
  const device = seatOf(testCase, role);
  const peerRole = peerOf(testCase, role);
  const peer = seatOf(testCase, peerRole);
  return {
    scenario: testCase.scenario.name,
    ...seatFacts('device', device, testCase),
    'device.configured': configuredAt(testCase, role, at),
    ...seatFacts('peer', peer, testCase),
    'peer.configured': configuredAt(testCase, peerRole, at),
    ...pairSheet(device, peer, testCase.policy, testCase.network),
    ...networkSheet('network', testCase.network),
    ...policySheet('policy', testCase.policy),
  };
}

function seatFacts(prefix: string, seat: Seat, testCase: Case): FactSheet {
  return {
    ...deviceSheet(prefix, seat.device),
    ...carrierSheet(`${prefix}.carrier`, seat.carrier),
    ...seatSheet(prefix, seat, testCase.policy),
  };
}

function seatOf(testCase: Case, role: string): Seat {
  const found = testCase.roles[role];
  if (!found) throw new RangeError(`case ${testCase.id} has no role ${role}`);
  return { device: found.device, carrier: testCase.carriers[found.carrier] };
}

/** Whom `role` discovers in this case; the other role where no step says so. */
export function peerOf(testCase: Case, role: string): string {
  const discovery = testCase.steps.find((step) => 'discover' in step && step.discover.who === role);
  if (discovery !== undefined && 'discover' in discovery) return discovery.discover.whom;
  const other = Object.keys(testCase.roles).find((one) => one !== role);
  if (other === undefined) throw new RangeError(`case ${testCase.id} has nobody but ${role}`);
  return other;
}
