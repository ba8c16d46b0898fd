import { INTERCONNECT_PORT, INTERNAL_PORT, MSRP_PORTS } from '../../emulators/carrier/config.ts';
import type { TransportProtocol } from '../../stack/platform.ts';
import { UsageError } from '../run/usage-error.ts';

/** Where the parts of one served carrier listen. */
export interface CarrierPortPlan {
  readonly sip: Readonly<Record<TransportProtocol, number>>;
  readonly interconnect: number;
  /** Between the parts of one carrier. */
  readonly internalEdge: number;
  readonly internalBorder: number;
  readonly applicationServer: number;
  readonly msrp: number;
  readonly msrpTls: number;
  /** Plain HTTP of the ACS: the first step of RCC.14. */
  readonly acs: number;
  readonly acsTls: number;
  readonly kds: number;
  /** UDP, for short messages. */
  readonly sms: number;
}

export interface PortPlan {
  readonly carriers: readonly CarrierPortPlan[];
  readonly status: number;
}

/** Carriers after the first have the same ports, so much higher. */
const STRIDE = 100;
export const MOST_CARRIERS = 5;

/** The customary ports: SIP's own, and for what has none below 1024 a test port. */
const WELL_KNOWN: CarrierPortPlan = {
  sip: { udp: 5060, tcp: 5060, tls: 5061, ws: 5066, wss: 7443 },
  interconnect: 5062,
  internalEdge: 5064,
  internalBorder: 5065,
  applicationServer: 5063,
  msrp: MSRP_PORTS.tcp,
  msrpTls: MSRP_PORTS.tls,
  acs: 8080,
  acsTls: 8443,
  kds: 8444,
  sms: 29_118,
};
const WELL_KNOWN_STATUS = 8090;

/** Names of ports inside the core, which no phone's port may be. */
const RESERVED: readonly number[] = [INTERCONNECT_PORT, INTERNAL_PORT];

/** Throws UsageError for a base that would have phones meet a port of the core. */
function checkReserved(plans: readonly CarrierPortPlan[]): void {
  const taken = plans.flatMap(({ sip }) => Object.values(sip)).find((port) => RESERVED.includes(port));
  if (taken !== undefined) {
    throw new UsageError(`--port-base: SIP would be at port ${taken}, which stands for a part of the core`);
  }
}

/** Ports from `base` on, or the well-known ones; the first carrier's first. */
export function portPlan(carriers: number, base: number | undefined): PortPlan {
  const first = base === undefined ? WELL_KNOWN : block(base);
  const shifted = Array.from({ length: carriers }, (_, i) => mapPorts(first, (port) => port + i * STRIDE));
  checkReserved(shifted);
  return { carriers: shifted, status: base === undefined ? WELL_KNOWN_STATUS : base + 90 };
}

/** How many ports `planOf` takes from a list. */
export const portsNeeded = (carriers: number): number => carriers * Object.keys(numbered()).length + 1;

/** A plan of ports from a list of free ones. */
export function planOf(carriers: number, free: readonly number[]): PortPlan {
  const names = Object.keys(numbered());
  const plans = Array.from({ length: carriers }, (_, i) => {
    const own = Object.fromEntries(names.map((name, at) => [name, free[i * names.length + at]!]));
    return fromNumbered(own as ReturnType<typeof numbered>);
  });
  return { carriers: plans, status: free[carriers * names.length]! };
}

function block(base: number): CarrierPortPlan {
  return {
    sip: { udp: base, tcp: base, tls: base + 1, ws: base + 6, wss: base + 7 },
    interconnect: base + 2,
    internalEdge: base + 4,
    internalBorder: base + 5,
    applicationServer: base + 3,
    msrp: base + 8,
    msrpTls: base + 9,
    acs: base + 80,
    acsTls: base + 81,
    kds: base + 82,
    sms: base + 18,
  };
}

/** UDP and TCP share a number, as SIP has it. */
function numbered(plan: CarrierPortPlan = WELL_KNOWN) {
  const { sip, ...others } = plan;
  return { ...others, plain: sip.udp, tls: sip.tls, ws: sip.ws, wss: sip.wss };
}

function fromNumbered({ plain, tls, ws, wss, ...others }: ReturnType<typeof numbered>): CarrierPortPlan {
  return { ...others, sip: { udp: plain, tcp: plain, tls, ws, wss } };
}

function mapPorts(plan: CarrierPortPlan, change: (port: number) => number): CarrierPortPlan {
  const entries = Object.entries(numbered(plan)).map(([name, port]) => [name, change(port)] as const);
  return fromNumbered(Object.fromEntries(entries) as ReturnType<typeof numbered>);
}
