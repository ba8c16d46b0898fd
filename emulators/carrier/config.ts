import type { Endpoint, TransportProtocol } from '../../stack/platform.ts';
import type { MilenageKey } from '../aka/milenage.ts';
import type { AcsSettings } from './acs/settings.ts';
import type { Middlebox } from './interconnect/middleboxes/middlebox.ts';

/** How a phone proves who it is: with its SIM (RFC 3310), or by digest with its password (RFC 8760). */
export type AuthenticationScheme = 'aka' | 'digest-sha512-256' | 'digest-sha256' | 'digest-md5';

/** One emulated operator network, as plain data: what its parts can and will do, whom it serves, whom it knows. */
export interface CarrierConfig {
  /** `A`, `B`: names the carrier in reports and host-independent data. */
  readonly label: string;
  readonly universalProfile: '2.4' | '3.0';
  /** Mobile country and network code, three digits each. */
  readonly mcc: string;
  readonly mnc: string;
  /** Disabled: no KDS, and a UP 3.0 registrar takes the MLS feature tags out of what it grants. */
  readonly e2ee: { readonly enabled: boolean };
  readonly acs: AcsSettings;
  readonly signalling: {
    readonly transports: readonly TransportProtocol[];
    /** Longest registration granted. */
    readonly expiresMs: number;
    /** Offered with every challenge, most preferred first; SHA-256 when absent. A subscriber without SIM isn't offered AKA. */
    readonly auth?: readonly AuthenticationScheme[];
    /** 403 to a REGISTER without the private identity (hazard R01), where others challenge. */
    readonly strictImpi?: boolean;
    /** 407 to every request of a phone but REGISTER and those within dialogs. */
    readonly challengeRequests?: boolean;
    /** Tells phones the next nonce, so that a refresh takes one round. */
    readonly nextNonce?: boolean;
    /** Base64 SHA-256 digests of the P-CSCF's public key (RFC 7469 section 2.4) that phones are told to insist on. */
    readonly pins?: readonly string[];
  };
  /** `http-only`: MSRP is forbidden, so nothing goes in large message mode. */
  readonly media: 'all' | 'tls-only' | 'http-only';
  readonly services: {
    readonly chat: boolean;
    readonly storeAndForwardMs: number;
    /** Largest pager-mode body taken, octets. */
    readonly pagerMaxSize: number;
    /** Large message mode over MSRP. Absent: an INVITE for one is refused, and pager mode carries all there is. */
    readonly largeMode?: LargeModeSizes;
    /** What is kept for one subscriber who is away; DEFAULT_MAILBOX when absent. */
    readonly mailbox?: MailboxSize;
    /** Whether a sender who asked for it is told that a kept message ran out of time; true when absent. */
    readonly reportExpiry?: boolean;
    /** Whether what was read on one device of a subscriber is shown as read on the others. */
    readonly readStateSync?: boolean;
  };
  /** How phones find out what others can do; OPTIONS when absent. Both: by OPTIONS, and presence is published. */
  readonly capabilityDiscovery?: 'options' | 'presence' | 'both';
  readonly interworking: { readonly sms: boolean };
  readonly interconnect: {
    readonly transport: 'tcp' | 'tls';
    /** Requests that cross the border pass these in this order, either way; answers the other way round. */
    readonly middleboxes: readonly Middlebox[];
  };
  readonly quirks: readonly string[];
  /** What it takes from its subscribers at most; DEFAULT_CARRIER_LIMITS where absent. */
  readonly limits?: Partial<CarrierLimits>;
  /** Where phones reach it, when not by the names of 3GPP and at the customary ports. */
  readonly addresses?: CarrierAddresses;
  readonly subscribers: readonly Subscriber[];
  readonly peers: readonly PeerCarrier[];
}

export interface LargeModeSizes {
  /** Octets beyond which phones and carrier use it. */
  readonly switchoverSize: number;
  /** Largest message, octets. */
  readonly maxSize: number;
}

export interface MailboxSize {
  readonly messages: number;
  readonly octets: number;
}

export const DEFAULT_MAILBOX: MailboxSize = { messages: 1_000, octets: 10_485_760 };

export interface CarrierLimits {
  /** Streams open at once at the P-CSCF; more are closed at once. */
  readonly connections: number;
  /** Phones on UDP that the P-CSCF knows at once; the longest known is forgotten first. */
  readonly datagramPeers: number;
  /** Octets of the body of one SIP message. */
  readonly bodySize: number;
  /** Requests a second of one phone's flow; more are answered 503 with Retry-After. */
  readonly flowRate: number;
  /** Requests a second of all phones together, answered alike. */
  readonly requestRate: number;
  /** SIP server transactions alive at once, answered alike. Over UDP each lives 32 s. */
  readonly transactions: number;
  /** Messages kept for phones and peers at once, answered alike. */
  readonly storedMessages: number;
  /** Messages accepted and on their way to phones that are there, at once. */
  readonly messagesUnderWay: number;
  /** Octets that a peer may leave unread before its stream is closed. */
  readonly unreadOctets: number;
}

export const DEFAULT_CARRIER_LIMITS: CarrierLimits = {
  connections: 20_000,
  datagramPeers: 65_536,
  bodySize: 1_048_576,
  flowRate: 2_000,
  requestRate: 20_000,
  transactions: 262_144,
  storedMessages: 100_000,
  messagesUnderWay: 1_000,
  unreadOctets: 1_048_576,
};

export function carrierLimits({ limits }: Pick<CarrierConfig, 'limits'>): CarrierLimits {
  return { ...DEFAULT_CARRIER_LIMITS, ...limits };
}

export interface CarrierAddresses {
  /** As configuration documents and Path name it. */
  readonly pcscf: string;
  readonly edgePorts: Readonly<Record<TransportProtocol, number>>;
  readonly interconnectPort: number;
  /** Of the messaging server. */
  readonly msrp: { readonly host: string; readonly tcp: number; readonly tls: number };
  /** Base address of the KDS. */
  readonly kdsUri: string;
}

export interface Subscriber {
  /** E.164 with `+`. */
  readonly msisdn: string;
  readonly imsi: string;
  readonly password: string;
  /** What the home network shares with the subscriber's SIM; absent: a subscriber without one. */
  readonly sim?: MilenageKey;
  /** Network host of the phone: the identity of its bearer, and where circuit-switched SMS reaches it. */
  readonly host: string;
  /** Whether the subscription includes RCS. */
  readonly rcs: boolean;
  /** `other`: its IP access is none of the operator's (Wi-Fi), and tells nobody who it is. `operator` when absent. */
  readonly bearer?: 'operator' | 'other';
}

export interface PeerCarrier {
  readonly label: string;
  /** Its IMS home domain. Not what its subscribers are known by: behind a hub all of them come from the hub's. */
  readonly domain: string;
  /** Where it is reached: its own border, or a transit host that several peers may share. */
  readonly ibcf: { readonly host: string; readonly port: number };
  /** Transport its border takes; the own one when absent. */
  readonly transport?: 'tcp' | 'tls';
  readonly smscHost: string;
  /** Base address of its KDS, e.g. `https://kds.rcs.mnc002.mcc999.pub.3gppnetwork.org`. */
  readonly kdsUri: string;
  /** Numbers that begin with this are its subscribers', e.g. `+999002`. */
  readonly numberPrefix: string;
}

export interface CarrierHosts {
  readonly acs: string;
  readonly pcscf: string;
  readonly ibcf: string;
  /** Application server: sessions, presence, and where MSRP ends. */
  readonly as: string;
  readonly kds: string;
  readonly smsc: string;
}

type Operator = Pick<CarrierConfig, 'mcc' | 'mnc'>;

/** Ports the P-CSCF (RFC 3261 section 19.1.2 defaults; for WebSocket the customary ones) and the IBCF listen on. */
export const EDGE_PORTS: Readonly<Record<TransportProtocol, number>> = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  ws: 5066,
  wss: 7443,
};
export const INTERCONNECT_PORT = 5062;
/** What a path of the messaging server names. */
export function msrpAddress(config: CarrierConfig, secure: boolean): { host: string; port: number } {
  const { msrp } = config.addresses ?? {};
  const ports = msrp ?? MSRP_PORTS;
  return { host: msrp?.host ?? carrierHosts(config).as, port: secure ? ports.tls : ports.tcp };
}

/** The messaging server takes MSRP here; 2855 is MSRP's own port (RFC 4975 section 15), for TLS there is none. */
export const MSRP_PORTS = { tcp: 2855, tls: 2856 } as const;
/** Where P-CSCF, IBCF and application server take SIP from each other, over TLS and from nobody else. */
export const INTERNAL_PORT = 5064;

/** Host names after 3GPP TS 23.003 (operator domains) and RCC.14 (`config.rcs...`); the KDS one of a test network. */
export function carrierHosts({ mcc, mnc }: Operator): CarrierHosts {
  const operator = `mnc${mnc}.mcc${mcc}`;
  return {
    acs: `config.rcs.${operator}.pub.3gppnetwork.org`,
    pcscf: `pcscf.ims.${operator}.3gppnetwork.org`,
    ibcf: `ibcf.ims.${operator}.3gppnetwork.org`,
    as: `as.ims.${operator}.3gppnetwork.org`,
    kds: `kds.rcs.${operator}.pub.3gppnetwork.org`,
    smsc: `smsc.${operator}.3gppnetwork.org`,
  };
}

/** Where the P-CSCF takes a transport. */
export function edgeAddress(config: CarrierConfig, transport: TransportProtocol): Endpoint {
  const { addresses } = config;
  return {
    host: addresses?.pcscf ?? carrierHosts(config).pcscf,
    port: (addresses?.edgePorts ?? EDGE_PORTS)[transport],
  };
}

/** Base address of the carrier's KDS. */
export function kdsUri(config: CarrierConfig): string {
  return config.addresses?.kdsUri ?? `https://${carrierHosts(config).kds}`;
}

/** The IMS home domain, 3GPP TS 23.003 section 13.2. */
export function homeDomain({ mcc, mnc }: Operator): string {
  return `ims.mnc${mnc}.mcc${mcc}.3gppnetwork.org`;
}

/** IMPI of a subscriber, 3GPP TS 23.003 section 13.3. */
export function privateIdentity(operator: Operator, subscriber: Pick<Subscriber, 'imsi'>): string {
  return `${subscriber.imsi}@${homeDomain(operator)}`;
}

/** The SIP form of a subscriber's public identity; the `tel:` one is its number itself. */
export function publicIdentity(operator: Operator, msisdn: string): string {
  return `sip:${msisdn}@${homeDomain(operator)}`;
}
