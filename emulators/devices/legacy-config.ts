/** Auto-configuration as old phones do it: first boot, operator's bearer, no retry (docs/rcs-signalling.md 1.2). */
import type { Network } from '../../stack/platform.ts';
import {
  acsHost,
  acsQuery,
  configVersion,
  parseConfigDocument,
  type RcsConfig,
  readRcsConfig,
} from '../../stack/rcs/config/index.ts';
import type { PhoneConfig } from './phone.ts';

/** Undefined when the network gives no RCS configuration. */
export async function fetchLegacyConfig(
  network: Network,
  phone: PhoneConfig,
): Promise<RcsConfig | undefined> {
  const host = acsHost(phone.imsi.slice(0, 3), phone.imsi.slice(3, 6));
  const first = await network.fetch(new Request(`http://${host}/`));
  const cookie = first.headers.get('set-cookie')?.split(';')[0];
  if (!first.ok || !cookie) return undefined;
  const joyn = phone.universalProfile === 'joyn';
  const query = acsQuery({
    vers: 0,
    rcsVersion: joyn ? '5.1B' : '11.0',
    rcsProfiles: [joyn ? 'joyn_blackbird' : 'UP_2.4'],
    clientVendor: 'OLDV',
    clientVersion: phone.clientVersion,
    terminalModel: phone.model.slice(0, 10),
    terminalSwVersion: phone.osVersion,
    imsi: phone.imsi,
  });
  const answer = await network.fetch(new Request(`https://${host}/?${query}`, { headers: { cookie } }));
  if (!answer.ok) return undefined;
  const document = parseConfigDocument(new Uint8Array(await answer.arrayBuffer()));
  return configVersion(document) > 0 ? readRcsConfig(document) : undefined;
}
