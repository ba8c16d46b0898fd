/** RCC.14 on the operator's bearer, by hand: the http request, the cookie, the https request. */
import { carrierHosts, type Subscriber } from '../../emulators/carrier/config.ts';
import { parseConfigDocument } from '../../stack/rcs/config/config-document.ts';
import type { RcsConfig } from '../../stack/rcs/config/rcs-config.ts';
import { readRcsConfig } from '../../stack/rcs/config/read-config.ts';
import type { Bench } from './bench.ts';

export interface Configuration {
  readonly status: number;
  readonly xml: string;
  readonly config?: RcsConfig;
}

export async function configurationOf(
  bench: Bench,
  who: Subscriber,
  operator: { mcc: string; mnc: string },
  query = 'vers=0',
): Promise<Configuration> {
  const host = carrierHosts(operator).acs;
  const net = bench.net(who.host);
  const first = await bench.run(net.fetch(new Request(`http://${host}/`)));
  const cookie = first.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) return { status: first.status, xml: '' };
  const second = await bench.run(
    net.fetch(new Request(`https://${host}/?${query}`, { headers: { cookie } })),
  );
  const xml = await second.text();
  const isFull = second.status === 200 && xml.includes('APPLICATION');
  return {
    status: second.status,
    xml,
    ...(isFull && { config: readRcsConfig(parseConfigDocument(new TextEncoder().encode(xml))) }),
  };
}
