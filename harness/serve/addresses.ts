import type { Carrier } from '../../matrix/schema/carrier.ts';
import { UsageError } from '../run/usage-error.ts';
import { isIPv6 } from './both-networks.ts';

export interface ServingAddresses {
  readonly bind: readonly string[];
  /** What phones are told. */
  readonly address: string;
  /** Whether only this machine can reach it. */
  readonly isLocal: boolean;
}

const WILDCARDS = ['0.0.0.0', '::'];
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:]*:[0-9a-f:.]*$/i;

/** Reads `127.0.0.1,::1`. Throws UsageError. */
export function servingAddresses(list: string, advertised: string | undefined): ServingAddresses {
  const bind = list.split(',').map((address) => address.trim());
  for (const address of bind) {
    if (!IPV4.test(address) && !IPV6.test(address))
      throw new UsageError(`--bind: ${address} is no IP address`);
  }
  const six = bind.filter(isIPv6).length;
  if (six > 1 || bind.length - six > 1)
    throw new UsageError('--bind: one address, or one IPv4 and one IPv6 address');
  const first = bind[0]!;
  if (advertised === undefined && WILDCARDS.includes(first)) {
    throw new UsageError(`--bind ${first}: --advertise says which address phones are told`);
  }
  const isLocal = bind.every((address) => address.startsWith('127.') || address === '::1');
  return { bind, address: advertised ?? first, isLocal };
}

/** Whom others can reach has no password that stands in a README. Throws UsageError. */
export function checkPasswords(carriers: readonly Carrier[]): void {
  for (const { name, accounts } of carriers) {
    const open = accounts?.find(({ password }) => password === undefined);
    if (accounts === undefined || open !== undefined) {
      const who = open === undefined ? 'accounts' : `the password of ${open.name}`;
      throw new UsageError(`carrier ${name}: beyond loopback its file must give ${who}`);
    }
  }
}
