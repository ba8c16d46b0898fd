/** Carrier files as they are served together: numbered, with their subscribers, peered with each other. */
import {
  type CarrierConfig,
  carrierHosts,
  homeDomain,
  INTERCONNECT_PORT,
  type PeerCarrier,
} from '../../emulators/carrier/config.ts';
import type { Carrier } from '../../matrix/schema/carrier.ts';
import { MCC, operatorConfig } from '../world/carrier-config.ts';
import { mncOf, numberPrefixOf, type ServedAccount, servedAccounts } from './accounts.ts';
import type { PortPlan } from './port-plan.ts';

export interface ServedCarrier {
  /** As the operator sees it: `A` for the first file. */
  readonly label: string;
  readonly file: Carrier;
  readonly accounts: readonly ServedAccount[];
  readonly config: CarrierConfig;
}

export interface Served {
  readonly ports: PortPlan;
  /** The address that configuration documents name. */
  readonly address: string;
  /** Where the loopback addresses of its phones begin. */
  readonly firstBearer: number;
}

/** Throws UsageError when two accounts are one. */
export function servedCarriers(
  files: readonly Carrier[],
  { ports, address, firstBearer }: Served,
): ServedCarrier[] {
  const accounts = servedAccounts(
    files.map((file) => file.accounts),
    firstBearer,
  );
  return files.map((file, i) => {
    const plan = ports.carriers[i]!;
    const label = labelOf(i);
    const others = files.flatMap((other, j) => (i === j ? [] : peersOf(other, j, accounts[j]!)));
    const base = operatorConfig(file, {
      label,
      mnc: mncOf(i),
      subscribers: accounts[i]!.map(({ msisdn, imsi, password, host, rcs }) => ({
        msisdn,
        imsi,
        password,
        host,
        rcs,
      })),
      peers: others,
    });
    const literal = address.includes(':') ? `[${address}]` : address;
    return {
      label,
      file,
      accounts: accounts[i]!,
      config: {
        ...base,
        addresses: {
          pcscf: address,
          edgePorts: plan.sip,
          interconnectPort: INTERCONNECT_PORT,
          msrp: { host: address, tcp: plan.msrp, tls: plan.msrpTls },
          kdsUri: `https://${literal}:${plan.kds}`,
        },
      },
    };
  });
}

export const labelOf = (carrier: number): string => String.fromCharCode(65 + carrier);

/** A carrier as the others know it: its own range, and each number of its subscribers outside of it. */
function peersOf(file: Carrier, index: number, accounts: readonly ServedAccount[]): PeerCarrier[] {
  const operator = { mcc: MCC, mnc: mncOf(index) };
  const hosts = carrierHosts(operator);
  const range = numberPrefixOf(index);
  const ported = accounts.map(({ msisdn }) => msisdn).filter((msisdn) => !msisdn.startsWith(range));
  return [...ported, range].map((numberPrefix) => ({
    label: labelOf(index),
    domain: homeDomain(operator),
    ibcf: { host: hosts.ibcf, port: INTERCONNECT_PORT },
    transport: file.interconnect.transport,
    smscHost: hosts.smsc,
    kdsUri: `https://${hosts.kds}`,
    numberPrefix,
  }));
}
