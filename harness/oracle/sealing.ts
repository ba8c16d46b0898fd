import { Buffer } from 'node:buffer';
import type { Failure } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';
import { mlsHeader } from './dissect/cpim.ts';
import { APPLICATION, type MlsPrivate, readBoundData } from './dissect/mls.ts';
import { addresseeOf, isWelcome, type Parcel } from './parcels.ts';

/** What is wrong with content that calls itself MLS. Its author is to blame: intermediaries change nothing in it. */
export interface SealFault extends Pick<Failure, 'clause' | 'expected' | 'actual' | 'blame'> {
  readonly parcel: Parcel;
}

export interface Sealing {
  readonly faults: readonly SealFault[];
  /** Contents found to be what they say. */
  readonly sound: number;
}

type Parts = Pick<OracleContext, 'parcels' | 'states' | 'testCase' | 'wire' | 'sideOf'>;

interface Wrong {
  readonly clause: string;
  readonly expected: string;
  readonly actual: string;
}

/** Looks at everything of `message/mls` and its kin that phones wrote, once. */
export function sealingOf(context: Parts): Sealing {
  const faults: SealFault[] = [];
  let sound = 0;
  for (const parcel of context.parcels.values()) {
    if (!parcel.mls || !parcel.author.startsWith('device:')) continue;
    const wrong = wrongWith(context, parcel);
    if (!wrong) {
      sound += 1;
      continue;
    }
    const { entry } = parcel.first;
    const evidence = `${parcel.author} sent ${parcel.cpim.contentType} ${parcel.id} here: ${wrong.actual}`;
    faults.push({ ...wrong, parcel, blame: { side: parcel.author, entry: entry.n, evidence } });
  }
  return { faults, sound };
}

function wrongWith(context: Parts, parcel: Parcel): Wrong | undefined {
  const mls = parcel.mls!;
  const type = parcel.cpim.contentType!;
  if ('malformed' in mls) {
    const expected = `${type} holds an MLSMessage, whole and nothing else`;
    return { clause: 'RFC 9420 6', expected, actual: mls.malformed };
  }
  const { facts } = mls;
  if (type === 'message/mls-rcs-server') {
    if (facts.form === 'welcome') return undefined;
    const expected = 'what a phone sends as message/mls-rcs-server is a Welcome';
    return { clause: 'docs/rcc16.md 4.1', expected, actual: `it is of form ${facts.form}` };
  }
  if (type !== 'message/mls') return undefined;
  if (facts.form !== 'private' || facts.contentType !== APPLICATION) {
    const expected = 'message/mls is application data in a PrivateMessage';
    return { clause: 'RFC 9420 6.3; RCC.16 7.9', expected, actual: `it is of form ${facts.form}` };
  }
  return (
    wrongEnvelope(parcel, facts) ??
    wrongPadding(context, parcel, facts) ??
    wrongGroup(context, parcel, facts) ??
    wrongAuthenticator(context, parcel, facts)
  );
}

/** What the envelope says of the sealed content is bound by it (docs/rcc16.md 4.2 and 4.7). */
function wrongEnvelope({ cpim, id }: Parcel, facts: MlsPrivate): Wrong | undefined {
  const era = mlsHeader(cpim, 'Era-ID');
  const authenticator = mlsHeader(cpim, 'Epoch-Authenticator');
  const headers = { clause: 'RCC.16 7.9', expected: 'message/mls has Era-ID and Epoch-Authenticator' };
  if (era === undefined || !/^\d{1,10}$/.test(era)) return { ...headers, actual: `Era-ID is ${era}` };
  if (authenticator === undefined) return { ...headers, actual: 'it has no Epoch-Authenticator' };
  const octets = Buffer.from(authenticator, 'base64').length;
  if (octets !== 32) return { ...headers, actual: `Epoch-Authenticator has ${octets} octets, not 32` };
  const bound = readBoundData(facts.authenticatedData);
  const says = { clause: 'RCC.16 7.5.3', expected: `authenticated_data binds ${id} and era ${era}` };
  if ('malformed' in bound) return { ...says, actual: `it does not: ${bound.malformed}` };
  if (bound.messageId === id && bound.era === Number(era)) return undefined;
  return { ...says, actual: `it binds ${bound.messageId} and era ${bound.era}` };
}

/** Tag of every AEAD of RFC 9420 section 17.1. */
const TAG = 16;
/** ECDSA of P-256 in DER varies; Ed25519 has 64. All of them take a length of two octets. */
const SIGNATURES = [64, 68, 69, 70, 71, 72];
/** Cipher suites with one of these signatures; the wire doesn't say which suite a group has. */
const MEASURED: readonly number[] = [1, 2, 3];

/** Whether some Padmé length can be inside (docs/rcc16.md 9.1); content that isn't padded rarely hits one. */
function wrongPadding(context: Parts, parcel: Parcel, { sealedLength }: MlsPrivate): Wrong | undefined {
  const device = context.testCase.roles[parcel.author.slice('device:'.length)]?.device;
  if (device?.mls?.lacks?.includes('padding')) return undefined;
  if (!device?.mls?.cipherSuites.every((suite) => MEASURED.includes(suite))) return undefined;
  const framed = sealedLength - TAG - 2;
  const fits = SIGNATURES.some((signature) =>
    [1, 2, 4].some((prefix) => {
      const padded = framed - signature - prefix;
      return padded > 0 && isPadme(padded);
    }),
  );
  if (fits) return undefined;
  const expected = 'application data is padded by Padmé';
  return { clause: 'docs/rcc16.md 9.1', expected, actual: `${sealedLength} octets can hold no such length` };
}

function isPadme(length: number): boolean {
  const exponent = 31 - Math.clz32(length);
  const significant = exponent === 0 ? 0 : 32 - Math.clz32(exponent);
  return length % 2 ** Math.max(0, exponent - significant) === 0;
}

/**
 * A group between two phones begins with a Welcome from one of them, so there are no more groups than Welcomes. Told of
 * who uses a group first: the other answers in it in good faith.
 */
function wrongGroup(context: Parts, parcel: Parcel, { groupId }: MlsPrivate): Wrong | undefined {
  const pair = [parcel.author, addresseeOf(context, parcel)];
  const groups = new Set([groupId]);
  const welcomes = new Set<string>();
  for (const earlier of context.parcels.values()) {
    if (earlier === parcel) break;
    if (!pair.includes(earlier.author) || !pair.includes(addresseeOf(context, earlier))) continue;
    if (isWelcome(earlier)) welcomes.add(Buffer.from(earlier.cpim.content).toString('latin1'));
    if (!earlier.mls || !('facts' in earlier.mls) || earlier.mls.facts.form !== 'private') continue;
    if (earlier.mls.facts.groupId === groupId) return undefined;
    groups.add(earlier.mls.facts.groupId);
  }
  if (groups.size <= welcomes.size) return undefined;
  const expected = `a Welcome for group ${groupId} went between the two before`;
  const actual = `Welcomes before: ${welcomes.size}, groups used: ${groups.size}`;
  return { clause: 'RFC 9420 12.4.3.1', expected, actual };
}

function wrongAuthenticator(context: Parts, parcel: Parcel, facts: MlsPrivate): Wrong | undefined {
  const era = Number(mlsHeader(parcel.cpim, 'Era-ID'));
  const said = Buffer.from(mlsHeader(parcel.cpim, 'Epoch-Authenticator')!, 'base64').toString('hex');
  for (const { side, view } of context.states) {
    if (side !== parcel.author) continue;
    const held = view.groups.find(
      (group) => group.groupId === facts.groupId && group.era === era && group.epoch === facts.epoch,
    );
    if (!held || held.epochAuthenticator === said) continue;
    const expected = `Epoch-Authenticator is that of epoch ${facts.epoch}, ${held.epochAuthenticator}`;
    return { clause: 'RFC 9420 8.7; RCC.16 7.9', expected, actual: `it is ${said}` };
  }
  return undefined;
}
