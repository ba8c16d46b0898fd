import { homeDomain, privateIdentity, publicIdentity } from '../../emulators/carrier/config.ts';
import type { Account } from '../../matrix/schema/served.ts';
import { UsageError } from '../run/usage-error.ts';
import { MCC } from '../world/carrier-config.ts';

/** A subscriber of a served carrier, with all that a SIP client must be told. */
export interface ServedAccount {
  readonly name: string;
  readonly msisdn: string;
  readonly imsi: string;
  readonly password: string;
  readonly rcs: boolean;
  /** IMPI: the name in digests. */
  readonly privateIdentity: string;
  /** IMPU: the address of record. */
  readonly publicIdentity: string;
  readonly domain: string;
  /** Host name of the phone's bearer, by which the carrier knows it without a login. */
  readonly host: string;
  /** Loopback address of that host: who sends from there is this subscriber. */
  readonly bearer: string;
}

/** Ready-made ones, two a carrier. */
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'];

export const mncOf = (carrier: number): string => String(carrier + 1).padStart(3, '0');

/** Numbers of the country code +999, which is assigned to nobody: the first carrier's begin +9999001. */
export const numberPrefixOf = (carrier: number): string => `+999900${carrier + 1}`;

/** The subscribers of the carriers, in their order. Throws UsageError when two have one name, number or IMSI. */
export function servedAccounts(
  carriers: readonly (readonly Account[] | undefined)[],
  firstBearer: number = FIRST_BEARER,
): ServedAccount[][] {
  const all = carriers.map((accounts, carrier) => {
    const readyMade = NAMES.slice(2 * carrier, 2 * carrier + 2).map((name) => ({ name, rcs: true }));
    return (accounts ?? readyMade).map((account, index) => served(account, carrier, index, firstBearer));
  });
  for (const field of ['name', 'msisdn', 'imsi'] as const) {
    const values = all.flat().map((account) => account[field]);
    const twice = values.find((value, i) => values.indexOf(value) !== i);
    if (twice !== undefined) throw new UsageError(`accounts: two have the ${field} ${twice}`);
  }
  return all;
}

function served(account: Account, carrier: number, index: number, first: number): ServedAccount {
  const operator = { mcc: MCC, mnc: mncOf(carrier) };
  const { name, rcs, password = `parley-${name}` } = account;
  const msisdn = account.msisdn ?? `${numberPrefixOf(carrier)}${String(index + 1).padStart(5, '0')}`;
  const imsi = account.imsi ?? `${MCC}${operator.mnc}${String(index + 1).padStart(9, '0')}`;
  return {
    name,
    msisdn,
    imsi,
    password,
    rcs,
    privateIdentity: privateIdentity(operator, { imsi }),
    publicIdentity: publicIdentity(operator, msisdn),
    domain: homeDomain(operator),
    host: `${name}.ue.example`,
    bearer: bearerOf(first, carrier, index),
  };
}

/** Most subscribers of one carrier, so that their bearers have addresses. */
const MOST = 13_000;
/** Addresses from 127.64.0.0 to 127.127.255.255 are bearers of phones. */
const BEARERS = 1 << 22;
/** 127.80.0.1, as an offset from the first of them. */
export const FIRST_BEARER = (16 << 16) + 1;

function bearerOf(first: number, carrier: number, index: number): string {
  if (index >= MOST) throw new UsageError(`accounts: at most ${MOST} a carrier`);
  const offset = (first + carrier * MOST + index) % BEARERS;
  return `127.${64 + (offset >> 16)}.${(offset >> 8) & 0xff}.${offset & 0xff}`;
}
