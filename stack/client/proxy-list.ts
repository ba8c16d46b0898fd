/** P-CSCFs of a configuration in their order (docs/rcs-signalling.md 2.2): the next one's turn comes when one is silent. */
import type { TransportProtocol } from '../platform.ts';
import type { RcsConfig } from '../rcs/config/index.ts';
import type { SipTarget } from '../rcs/sip/endpoint.ts';
import { parseNameAddr } from '../rcs/sip/name-addr.ts';
import { parseSipUri } from '../rcs/sip/uri.ts';

export const SIP_PORT = 5060;
export const SIPS_PORT = 5061;
const PSSIGNALLING: Readonly<Record<string, TransportProtocol>> = {
  SIPoUDP: 'udp',
  SIPoTCP: 'tcp',
  SIPoTLS: 'tls',
};

/** One target for each host of the configuration, over the transport that it and the phone agree on. At least one. */
export function proxyTargets(
  config: RcsConfig,
  own: readonly TransportProtocol[],
): readonly [SipTarget, ...SipTarget[]] {
  const configured = PSSIGNALLING[config.psSignalling];
  const transport = configured && own.includes(configured) ? configured : own[0]!;
  // A host is listed once for each of its ports; the first is that of the configured transport.
  const firsts = config.pcscf.filter(
    ({ host }, index) => config.pcscf.findIndex((each) => each.host === host) === index,
  );
  const usual = transport === 'tls' ? SIPS_PORT : SIP_PORT;
  const [first, ...rest] = firsts.map(({ host, port }) => ({
    transport,
    host,
    port: configured === transport ? port : usual,
  }));
  return [first!, ...rest];
}

/**
 * Where a 302 leads (RFC 3261 section 8.1.3.4), when that is a host of the configuration or of the home network: anybody
 * who could make a phone register elsewhere could read what it is sent.
 */
export function trustedRedirection(
  contact: string | undefined,
  config: RcsConfig,
  from: SipTarget,
): SipTarget | undefined {
  if (contact === undefined) return undefined;
  try {
    const uri = parseSipUri(parseNameAddr(contact, 'Contact').uri);
    if (uri.scheme === 'tel') return undefined;
    const host = uri.host.toLowerCase();
    const home = config.homeDomain.toLowerCase();
    const trusted = config.pcscf.some((each) => each.host.toLowerCase() === host);
    if (!trusted && host !== home && !host.endsWith(`.${home}`)) return undefined;
    return { ...from, host: uri.host, port: uri.port ?? from.port };
  } catch {
    return undefined;
  }
}
