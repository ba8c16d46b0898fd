import { Buffer } from 'node:buffer';
import type { Failure } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';
import { type ImdnFacts, mlsHeader } from './dissect/cpim.ts';
import { dissectMls, RCS_SIGNATURE, readReceiptStatement } from './dissect/mls.ts';
import { addresseeOf, type Parcel, reachedBefore } from './parcels.ts';

/** A receipt that should not have been sent, or not so. */
export interface ReceiptFault extends Pick<Failure, 'expected' | 'actual' | 'blame'> {
  /** The Message-ID that it reports on. */
  readonly about: string;
}

type Parts = Pick<OracleContext, 'parcels' | 'messages' | 'steps' | 'testCase' | 'wire' | 'sideOf'>;

interface Wrong {
  readonly expected: string;
  readonly actual: string;
}

/** Every receipt, judged where its author first sent it; the author is to blame (RFC 5438 7 and 8; RCC.16 7.6.2). */
export function receiptFaultsOf(context: Parts): ReceiptFault[] {
  const faults: ReceiptFault[] = [];
  const told = new Set<string>();
  for (const parcel of context.parcels.values()) {
    for (const receipt of parcel.cpim.receipts) {
      const wrong = wrongWith(context, parcel, receipt);
      const same = `${parcel.author} ${receipt.about} ${wrong?.expected}`;
      if (!wrong || told.has(same)) continue;
      told.add(same);
      const { author, first } = parcel;
      const evidence = `${author} sent a receipt (${receipt.status}) for ${receipt.about} here`;
      faults.push({
        ...wrong,
        about: receipt.about,
        blame: { side: author, entry: first.entry.n, evidence },
      });
    }
  }
  return faults;
}

function wrongWith(context: Parts, parcel: Parcel, receipt: ImdnFacts): Wrong | undefined {
  const { about, kind, status } = receipt;
  const original = context.parcels.get(about);
  if (!original || original.cpim.receipts.length > 0 || original.first.entry.n > parcel.first.entry.n) {
    return {
      expected: 'every receipt belongs to a message that was sent before',
      actual: `a ${kind} receipt (${status}) for ${about}, which nobody sent`,
    };
  }
  if (kind === 'processing') return undefined;
  const disposition =
    kind === 'display' ? 'display' : status === 'delivered' ? 'positive-delivery' : 'negative-delivery';
  if (!original.cpim.asksFor.includes(disposition)) {
    return {
      expected: `a receipt (${status}) that was asked for`,
      actual: `${about} asks for no ${disposition}`,
    };
  }
  if (status !== 'delivered' && status !== 'displayed') return undefined;
  return parcel.author.startsWith('device:')
    ? wrongOfPhone(context, parcel, original, receipt)
    : wrongOfCarrier(context, original, receipt);
}

/** A network can say that a message was delivered as SMS; all else only the phone that has it knows. */
function wrongOfCarrier(context: Parts, original: Parcel, { status }: ImdnFacts): Wrong | undefined {
  const story = context.messages.find(({ wireIds }) => wireIds.includes(original.id));
  const becameSms = story?.hops.some(({ protection }) => protection === 'sms') ?? false;
  if (status === 'delivered' && original.mls === undefined && (becameSms || !story)) return undefined;
  return {
    expected: `that ${original.id} was ${status} is said by the phone that has it`,
    actual: 'a network says so',
  };
}

function wrongOfPhone(
  context: Parts,
  parcel: Parcel,
  original: Parcel,
  receipt: ImdnFacts,
): Wrong | undefined {
  const { author, first } = parcel;
  const { about, status } = receipt;
  const recipient = addresseeOf(context, original);
  if (recipient !== undefined && recipient !== author) {
    return { expected: `${recipient} reports on ${about}`, actual: `${author} does` };
  }
  if (!reachedBefore(original, author, first.entry.n)) {
    return { expected: `${author} reports on what reached it`, actual: `${about} has not` };
  }
  if (status === 'displayed') {
    const unread = whyNotDisplayed(context, author, about, first.entry.n);
    if (unread !== undefined) return { expected: `no displayed receipt for ${about}`, actual: unread };
  }
  // What came to it in clear it can't know to have been encrypted.
  const cameSealed = original.hops.some(({ to, protection }) => to === author && protection === 'secure');
  return cameSealed ? wrongSignature(context, parcel, receipt) : undefined;
}

/** The policy binds phones that run the SDK, those of UP 3.0. */
function whyNotDisplayed(context: Parts, author: string, about: string, n: number): string | undefined {
  const { roles, policy } = context.testCase;
  const device = roles[author.slice('device:'.length)]?.device;
  if (device?.universalProfile === '3.0' && !policy.readReceipts) return 'its policy allows no read receipts';
  const story = context.messages.find(({ wireIds }) => wireIds.includes(about));
  if (!story) return undefined;
  const wasRead = context.steps.some((entry) => {
    const read = entry.step['read'] as { who?: string; message?: string } | undefined;
    return entry.n < n && `device:${read?.who}` === author && read?.message === story.subject.name;
  });
  return wasRead ? undefined : 'nobody had read it';
}

/** As the rule for the message says. */
function areSigned({ messages }: Parts, about: string): boolean {
  const then = messages.find(({ wireIds }) => wireIds.includes(about))?.subject.decision?.rule.then;
  return then === undefined || 'unsupported' in then || then.receipts !== 'unsigned';
}

/** On an encrypted conversation a receipt is signed by its author's leaf (docs/rcc16.md 7.1), if both ends can. */
function wrongSignature(context: Parts, parcel: Parcel, { about, kind }: ImdnFacts): Wrong | undefined {
  const signature = mlsHeader(parcel.cpim, 'MLS-Derived-Content-Signature');
  if (!areSigned(context, about)) {
    if (signature === undefined) return undefined;
    const expected = `a receipt for ${about} is not signed, since not both phones can do rcs_signature`;
    return { expected, actual: 'it has a signature' };
  }
  const expected = `a receipt for the encrypted ${about} is signed`;
  if (signature === undefined) return { expected, actual: 'it has no signature' };
  const mls = dissectMls(Buffer.from(signature, 'base64'));
  if ('malformed' in mls) return { expected, actual: `its signature is no MLS message: ${mls.malformed}` };
  if (mls.facts.form !== 'public' || mls.facts.proposal !== RCS_SIGNATURE) {
    return { expected, actual: 'its signature is no rcs_signature proposal' };
  }
  const says = readReceiptStatement(mls.facts.authenticatedData);
  if ('malformed' in says) return { expected, actual: `its statement can't be read: ${says.malformed}` };
  const fits = says.ownId === parcel.id && says.about === about && says.kind === kind && says.positive;
  return fits ? undefined : { expected, actual: `its signature is that of another receipt, ${says.ownId}` };
}
