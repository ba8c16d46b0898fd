/** The hosts of served carriers on real sockets, and their certificates. */
import {
  carrierHosts,
  carrierLimits,
  INTERCONNECT_PORT,
  INTERNAL_PORT,
  MSRP_PORTS,
} from '../../emulators/carrier/config.ts';
import { HostDirectory } from '../../emulators/network/sockets/host-directory.ts';
import { SocketNetwork } from '../../emulators/network/sockets/socket-network.ts';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { TestCa } from '../../emulators/network/sockets/test-ca.ts';
import type { Tap } from '../../emulators/network/tap.ts';
import type { Network } from '../../stack/platform.ts';
import { CS_PORT } from '../../stack/rcs/sms/index.ts';
import type { SqliteStore } from '../ports/sqlite-store.ts';
import { bothNetworks } from './both-networks.ts';
import type { ServedDescriptor } from './descriptor.ts';
import { durableNetwork } from './durable-network.ts';
import type { PortPlan } from './port-plan.ts';
import type { ServedCarrier } from './served-carriers.ts';
import { storeUnder } from './store-under.ts';

export interface ServedNetworkOptions {
  readonly carriers: readonly ServedCarrier[];
  readonly ports: PortPlan;
  /** Addresses to listen at. */
  readonly bind: readonly string[];
  readonly address: string;
  readonly store: SqliteStore;
  readonly tap: Tap;
  readonly onKeyLog?: (line: Uint8Array) => void;
}

export interface ServedNetwork {
  readonly network: SocketNetwork;
  readonly ca: TestCa;
  /** A carrier's host by its name. */
  host(name: string): Network;
  /** Where its hosts are, for phones that know them by name. */
  readonly places: ServedDescriptor['hosts'];
  /** Names the addresses of phones after their subscribers. */
  knowPhones(carriers: readonly ServedCarrier[]): void;
}

export async function servedNetwork(options: ServedNetworkOptions): Promise<ServedNetwork> {
  const { carriers, ports, bind, address, store, tap, onKeyLog } = options;
  const ca = await TestCa.open({ now: () => systemClock.now(), store: storeUnder(store, 'server/') });
  const directory = new HostDirectory();
  const limits = carriers.map(({ config }) => carrierLimits(config));
  const connections = Math.max(...limits.map((each) => each.connections));
  const network = new SocketNetwork({
    clock: systemClock,
    tap,
    directory,
    limits: {
      connections,
      connectionsPerAddress: connections,
      queuedOctets: Math.max(...limits.map((each) => each.unreadOctets)),
      httpBodyOctets: 8 * 1024 * 1024,
    },
    credentials: ({ name }) =>
      ca.issue({
        names: [...new Set([name.replace(/^\d+\./, ''), 'localhost', '127.0.0.1', '::1', address])],
      }),
    authorities: [ca.certificate],
    ...(onKeyLog && { onKeyLog }),
  });
  const hosts = new Map<string, Network>();
  const places: Record<string, ServedDescriptor['hosts'][string]> = {};
  for (const [i, { config }] of carriers.entries()) {
    for (const [name, moved] of Object.entries(movedPorts(config, ports, i))) {
      const realPort = (port: number) => moved[port] ?? port;
      const faces = bind.map((at, nth) => ({
        network: network.addHost(nth === 0 ? name : `${nth}.${name}`, { address: at, realPort }),
        address: at,
      }));
      hosts.set(name, durableNetwork(bothNetworks(faces), store));
      places[name] = { address, ports: moved };
    }
  }
  return {
    network,
    ca,
    host: (name) => hosts.get(name)!,
    places,
    knowPhones: (served) => {
      for (const { accounts } of served)
        for (const { host, bearer } of accounts)
          directory.set(host, { address: bearer, realPort: (port) => port });
    },
  };
}

/** The real ports behind those by which the hosts of one carrier are known. */
function movedPorts(
  config: ServedCarrier['config'],
  ports: PortPlan,
  index: number,
): Record<string, Record<number, number>> {
  const names = carrierHosts(config);
  const plan = ports.carriers[index]!;
  return {
    [names.acs]: { 80: plan.acs, 443: plan.acsTls },
    [names.pcscf]: { [INTERNAL_PORT]: plan.internalEdge },
    [names.ibcf]: { [INTERCONNECT_PORT]: plan.interconnect, [INTERNAL_PORT]: plan.internalBorder },
    [names.as]: {
      [INTERNAL_PORT]: plan.applicationServer,
      [MSRP_PORTS.tcp]: plan.msrp,
      [MSRP_PORTS.tls]: plan.msrpTls,
    },
    [names.kds]: { 443: plan.kds },
    [names.smsc]: { [CS_PORT]: plan.sms },
  };
}
