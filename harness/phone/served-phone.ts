/** An emulated phone on real sockets, attached to a server of this machine. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPhone } from '../../emulators/devices/create-phone.ts';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { HostDirectory } from '../../emulators/network/sockets/host-directory.ts';
import { SocketNetwork } from '../../emulators/network/sockets/socket-network.ts';
import { systemClock } from '../../emulators/network/sockets/system-clock.ts';
import { systemRandom } from '../../emulators/network/sockets/system-random.ts';
import type { Device } from '../../matrix/schema/device.ts';
import { createNativeProvider, createNobleProvider } from '../../stack/crypto/index.ts';
import type { Network, Store } from '../../stack/platform.ts';
import { SqliteStore } from '../ports/sqlite-store.ts';
import { UsageError } from '../run/usage-error.ts';
import type { ServedDescriptor } from '../serve/descriptor.ts';
import { durableNetwork } from '../serve/durable-network.ts';
import type { PhoneEvent } from './phone-event.ts';
import { TerminalPhone } from './terminal-phone.ts';

export interface ServedPhoneOptions {
  readonly server: ServedDescriptor;
  /** Name of one of its accounts. */
  readonly account: string;
  readonly device: Device;
  /** Folder for what the phone remembers from one start to the next; nothing without. */
  readonly state?: string | undefined;
  readonly say: (event: PhoneEvent) => void;
}

export interface ServedPhone {
  start(): Promise<boolean>;
  type(line: string): boolean;
  /** Ends what is under way, deregisters and closes. */
  stop(): Promise<void>;
}

/** Rejects with UsageError when the server has no such account. */
export async function servedPhone(options: ServedPhoneOptions): Promise<ServedPhone> {
  const { server, device, say } = options;
  const accounts = server.carriers.flatMap((carrier) =>
    carrier.accounts.map((account) => ({ ...account, carrier })),
  );
  const account = accounts.find(({ name }) => name === options.account);
  if (account === undefined) {
    const names = accounts.map(({ name }) => name).join(', ');
    throw new UsageError(`no account is called "${options.account}"; the server has ${names}`);
  }
  const directory = new HostDirectory();
  for (const [name, { address, ports }] of Object.entries(server.hosts)) {
    directory.set(name, { address, realPort: (port) => ports[port] ?? port });
  }
  const network = new SocketNetwork({
    clock: systemClock,
    directory,
    authorities: [readFileSync(server.ca, 'utf8')],
  });
  const host = network.addHost(account.host, { address: account.bearer, realPort: (port) => port });
  const kept = platformOf(host, options.state, account.name);
  const phone = new TerminalPhone({
    name: account.name,
    msisdn: account.msisdn,
    clock: systemClock,
    numberOf: (name) => accounts.find((one) => one.name === name)?.msisdn,
    say,
    createPhone: ({ observe, shown }) =>
      createPhone(
        {
          model: device.name,
          osVersion: device.os.version,
          clientVersion: device.client.version,
          universalProfile: device.universalProfile,
          capabilities: device.capabilities,
          ...(device.mls && { mls: device.mls }),
          ...(device.signalling && { signalling: device.signalling }),
          receipts: device.receipts,
          messageIds: device.messageIds,
          msisdn: account.msisdn,
          imsi: account.imsi,
          smscHost: account.carrier.smsc,
          bearer: 'operator',
          policy: { name: 'default', e2ee: 'preferred', smsFallback: 'allowed', readReceipts: true },
        },
        {
          platform: { clock: systemClock, random: systemRandom, network: kept.network, store: kept.store },
          crypto: (device.mls?.provider === 'noble' ? createNobleProvider : createNativeProvider)(),
          observe,
          shown,
        },
      ),
  });
  return {
    start: () => phone.start(),
    type: (line) => phone.type(line),
    stop: async () => {
      await phone.stop();
      await network.close();
      kept.close();
    },
  };
}

interface Kept {
  readonly network: Network;
  readonly store: Store;
  close(): void;
}

/** With a folder the phone's state is durable, and nothing leaves it that it could forget. */
function platformOf(network: Network, state: string | undefined, name: string): Kept {
  if (state === undefined) return { network, store: new MemoryStore(), close: () => {} };
  mkdirSync(state, { recursive: true });
  const store = new SqliteStore(join(state, `${name}.sqlite`));
  return { network: durableNetwork(network, store), store, close: () => store.close() };
}
