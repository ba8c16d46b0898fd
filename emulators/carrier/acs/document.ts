/** What the ACS tells a subscriber's phone (RCC.14; docs/rcs-signalling.md 1.6). */
import type { TransportProtocol } from '../../../stack/platform.ts';
import type { LegacyIm } from '../../../stack/rcs/config/legacy-im.ts';
import type { RcsConfig } from '../../../stack/rcs/config/rcs-config.ts';
import {
  type CarrierConfig,
  edgeAddress,
  homeDomain,
  kdsUri,
  privateIdentity,
  publicIdentity,
  type Subscriber,
} from '../config.ts';
import { uuidOf } from '../uuid.ts';

const SIGNALLING: Readonly<Record<TransportProtocol, RcsConfig['psSignalling']>> = {
  udp: 'SIPoUDP',
  tcp: 'SIPoTCP',
  tls: 'SIPoTLS',
  ws: 'SIPoTCP',
  wss: 'SIPoTLS',
};
const DAY_S = 86_400;
/** RCC.16 has been seen with this directory id. */
const KDS_ID = '2';

/** What only joyn documents say, of a network that stores messages and speaks CPM. */
export function legacyImOf({ services }: CarrierConfig): LegacyIm {
  return {
    capAlwaysOn: services.storeAndForwardMs > 0,
    messageTechnology: 1,
    firstMessageInvite: false,
    warnOfStoreAndForward: false,
  };
}

/** AKA when nothing else is offered: a network whose phones have their secrets on the SIM gives out none. */
function authentication(config: CarrierConfig, subscriber: Subscriber): RcsConfig['auth'] {
  const shared = { realm: homeDomain(config), userName: privateIdentity(config, subscriber) };
  const simOnly =
    (config.signalling.auth ?? []).length > 0 && config.signalling.auth!.every((a) => a === 'aka');
  return simOnly ? { type: 'AKA', ...shared } : { type: 'Digest', ...shared, userPwd: subscriber.password };
}

export function rcsConfigFor(
  config: CarrierConfig,
  subscriber: Subscriber,
  instance: Uint8Array,
  kdsToken: string,
): RcsConfig {
  const domain = homeDomain(config);
  const { chat } = config.services;
  const transports = config.signalling.transports;
  return {
    version: config.acs.version,
    validitySeconds: Math.floor(config.acs.validityMs / 1_000),
    impi: privateIdentity(config, subscriber),
    impu: [publicIdentity(config, subscriber.msisdn), `tel:${subscriber.msisdn}`],
    homeDomain: domain,
    pcscf: proxies(config),
    auth: authentication(config, subscriber),
    ...(config.signalling.pins && { pcscfPins: config.signalling.pins }),
    instanceId: uuidOf(instance),
    psSignalling: SIGNALLING[transports[0]!],
    psMedia: config.media === 'all' ? 'MSRP' : 'MSRPoTLS',
    services: { chat, groupChat: false, fileTransferHttp: false, standaloneMsg: chat },
    standaloneMsg: standaloneSizes(config),
    capDiscovery: {
      capInfoExpirySeconds: DAY_S,
      nonRcsCapInfoExpirySeconds: 30 * DAY_S,
      defaultDisc: config.capabilityDiscovery === 'presence' ? 'presence' : 'options',
      ...((config.capabilityDiscovery ?? 'options') !== 'options' && { presenceDisc: true }),
    },
    ...(config.e2ee.enabled && { e2ee: { kdsUri: kdsUri(config), kdsToken, kdsId: KDS_ID } }),
  };
}

/** Each address once, in the order of the transports. */
function proxies(config: CarrierConfig): RcsConfig['pcscf'] {
  const all = config.signalling.transports.map((transport) => edgeAddress(config, transport));
  return all.filter(({ port }, i) => all.findIndex((other) => other.port === port) === i);
}

/** Without large message mode pager mode goes as far as messages do (docs/rcs-signalling.md 4.4). */
function standaloneSizes({ services }: CarrierConfig): RcsConfig['standaloneMsg'] {
  const { largeMode, pagerMaxSize } = services;
  return largeMode ?? { maxSize: pagerMaxSize, switchoverSize: pagerMaxSize };
}
