import { resolve } from 'node:path';
import { carrierHosts } from '../../emulators/carrier/config.ts';
import { numberPrefixOf } from './accounts.ts';
import type { ServedDescriptor } from './descriptor.ts';
import type { PortPlan } from './port-plan.ts';
import type { ServedCarrier } from './served-carriers.ts';

export function describeServer(server: {
  readonly served: readonly ServedCarrier[];
  readonly ports: PortPlan;
  readonly bind: readonly string[];
  readonly address: string;
  readonly ca: string;
  readonly places: ServedDescriptor['hosts'];
}): ServedDescriptor {
  const { served, ports, bind, address, ca, places } = server;
  const literal = address.includes(':') ? `[${address}]` : address;
  return {
    pid: process.pid,
    ca: resolve(ca),
    status: `http://localhost:${ports.status}/`,
    hosts: places,
    carriers: served.map(({ label, file, accounts, config }, i) => {
      const plan = ports.carriers[i]!;
      const kds = config.e2ee.enabled ? { kds: `https://${literal}:${plan.kds}/` } : {};
      return {
        label,
        name: file.name,
        domain: accounts[0]!.domain,
        numberPrefix: numberPrefixOf(i),
        addresses: [...bind],
        sip: file.signalling.transports.map((transport) => ({ transport, port: plan.sip[transport] })),
        acs: `http://${literal}:${plan.acs}/`,
        ...kds,
        smsc: carrierHosts(config).smsc,
        accounts: [...accounts],
      };
    }),
  };
}
