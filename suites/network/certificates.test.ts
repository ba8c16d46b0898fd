/** TLS certificates of the simulated network: RFC 5280 section 6, RFC 5922 section 7, RFC 7469 section 2.6. */
import { describe, expect, test } from 'vitest';
import { type HostCertificate, validCertificate } from '../../emulators/network/certificate.ts';
import { Link } from '../../emulators/network/link.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../emulators/network/simulated-network.ts';
import type { TappedFrame } from '../../emulators/network/tap.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { type Network, NetworkError } from '../../stack/platform.ts';

const DAY = 86_400_000;
const SERVER = 'pcscf.example';
const GOOD = validCertificate(SERVER);
const NOW = new VirtualClock().now();

function twoHosts(certificate?: HostCertificate, trust?: string[]) {
  const clock = new VirtualClock();
  const frames: TappedFrame[] = [];
  const link = new Link('lan', { latencyMs: 5, jitterMs: 0, loss: 0 }, new SeededRandom('link'));
  const network = new SimulatedNetwork({
    clock,
    tap: (frame) => void frames.push(frame),
    interconnect: link,
  });
  const where = { access: [link], zone: 'A' };
  const client = network.addHost('ue.example', { ...where, ...(trust && { trust }) });
  const server = network.addHost(SERVER, { ...where, ...(certificate && { certificate }) });
  server.listen(5061, { secure: true }, () => {});
  server.listen(5060, { secure: false }, () => {});
  server.serveHttp({ secure: true }, () => new Response('ok'));
  return { clock, client, frames };
}

async function settled(clock: VirtualClock, promise: Promise<unknown>): Promise<string> {
  const outcome = promise.then(
    () => 'connected',
    (error: unknown) => (error instanceof NetworkError ? `${error.code}: ${error.message}` : String(error)),
  );
  await clock.advance(1_000);
  return outcome;
}

const dial = (client: Network, pins?: string[]) =>
  client.connect({ host: SERVER, port: 5061 }, { secure: true, ...(pins && { pins }) });

describe('a host is taken for who its certificate says it is', () => {
  test('and has a valid one unless it is given another', async () => {
    const { clock, client } = twoHosts();
    expect(await settled(clock, dial(client))).toBe('connected');
    expect(await settled(clock, dial(client, [GOOD.spkiSha256]))).toBe('connected');
  });

  test.each<[string, HostCertificate, number]>([
    ['expired', { ...GOOD, notAfter: NOW - 1 }, 45],
    ['not yet valid', { ...GOOD, notBefore: NOW + DAY }, 45],
    ['for another name, other.example', { ...GOOD, names: ['other.example'] }, 42],
    ['of an unknown issuer, Nobody', { ...GOOD, issuer: 'Nobody' }, 48],
  ])('%s: neither streams nor https, and an alert tells the server', async (why, certificate, alert) => {
    const { clock, client, frames } = twoHosts(certificate);
    const said = `certificate: the certificate of ${SERVER} is ${why}`;
    expect(await settled(clock, dial(client))).toBe(said);
    expect(await settled(clock, client.fetch(new Request(`https://${SERVER}/`)))).toBe(said);
    expect(frames.map(({ event, bytes }) => [event, [...(bytes ?? [])]])).toEqual([
      ['alert', [2, alert]],
      ['alert', [2, alert]],
    ]);
  });

  test('a validity runs out with the clock', async () => {
    const { clock, client } = twoHosts({ ...GOOD, notAfter: NOW + DAY });
    expect(await settled(clock, dial(client))).toBe('connected');
    await clock.advance(DAY);
    expect(await settled(clock, dial(client))).toMatch(/expired$/);
  });

  test('a pin that the key does not match, and a client that trusts other issuers', async () => {
    const { clock, client } = twoHosts(validCertificate(SERVER, 1));
    expect(await settled(clock, dial(client))).toBe('connected');
    expect(await settled(clock, dial(client, [GOOD.spkiSha256]))).toMatch(/not the pinned one$/);
    const stranger = twoHosts(GOOD, ['Another CA']);
    expect(await settled(stranger.clock, dial(stranger.client))).toMatch(/unknown issuer/);
  });

  test('names compare without case; without TLS nobody asks', async () => {
    const { clock, client } = twoHosts({
      ...GOOD,
      names: ['PCSCF.example'],
      notAfter: Number.MAX_SAFE_INTEGER,
    });
    expect(await settled(clock, dial(client))).toBe('connected');
    const expired = twoHosts({ ...GOOD, notAfter: 0 });
    const plain = expired.client.connect({ host: SERVER, port: 5060 }, { secure: false });
    expect(await settled(expired.clock, plain)).toBe('connected');
  });
});
