/** KDS to KDS: how real ones do it is not public; here one POST with a token that both share (docs/rcc16.md 2.6). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { NetworkError } from '../../../stack/platform.ts';
import { type CarrierConfig, carrierHosts, homeDomain, type PeerCarrier } from '../config.ts';
import type { Deadlines } from '../deadlines.ts';
import type { CarrierPorts } from '../ports.ts';

const PEER_ANSWERS_WITHIN_MS = 10_000;
/** A user has few devices, a KeyPackage with its chain stays under 16 KiB. */
const MAX_ANSWER = 1 << 20;

/** The same at both ends, whichever computes it. A laboratory's secret: it only has to differ from pair to pair. */
export function federationToken(config: CarrierConfig, peer: PeerCarrier): string {
  const pair = [homeDomain(config), peer.domain].sort().join(' ');
  return bytesToHex(sha256(utf8ToBytes(`parley kds federation ${pair}`)));
}

/** The peer's answer, with 502 or 504 in place of one that is none: those say nothing about the subscriber. */
export async function claimAtPeer(
  config: CarrierConfig,
  ports: Pick<CarrierPorts, 'network'>,
  deadlines: Deadlines,
  peer: PeerCarrier,
  msisdn: string,
): Promise<Response> {
  const request = new Request(new URL('/mls/v1/federation/claim', peer.kdsUri), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${federationToken(config, peer)}` },
    body: JSON.stringify({ target_msisdn: `tel:${msisdn}` }),
  });
  try {
    const network = ports.network(carrierHosts(config).kds);
    const response = await deadlines.within(PEER_ANSWERS_WITHIN_MS, network.fetch(request));
    if (response === undefined)
      return Response.json({ error: 'the peer KDS did not answer' }, { status: 504 });
    const text = await response.text();
    if ((response.status !== 200 && response.status !== 404) || text.length > MAX_ANSWER) {
      return Response.json({ error: `the peer KDS answered ${response.status}` }, { status: 502 });
    }
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return Response.json({ error: `the peer KDS is not there: ${error.code}` }, { status: 502 });
  }
}
