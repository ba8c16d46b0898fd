/**
 * The Key Distribution Server. GSMA's protocol is not public: this is the HTTP contract of an open test network
 * (docs/rcc16.md 2.6), JSON with binary in Base64, plus a federation call between the KDSs of peers.
 */
// The router for apps that serve few requests each: every world makes its own.
import { Hono } from 'hono/quick';
import { z } from 'zod';
import { fromBase64, toBase64 } from '../../../stack/e2ee/base64.ts';
import type { Endpoint, HttpHandler } from '../../../stack/platform.ts';
import type { CarrierConfig } from '../config.ts';
import type { Deadlines } from '../deadlines.ts';
import { routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import { claimAtPeer, federationToken } from './federation.ts';
import type { KdsTokens } from './kds-tokens.ts';
import { CIPHER_SUITES, checkKeyPackage } from './key-package-check.ts';
import { type ClaimedPackage, KeyPackageStore } from './key-package-store.ts';

type Env = { Bindings: { remote: Endpoint }; Variables: { msisdn: string } };

/** Largest request taken, octets: a pool of 100 KeyPackages with certificate chains. */
const MAX_REQUEST = 4 * 1024 * 1024;

const telUri = z.string().regex(/^tel:\+[1-9]\d{6,14}$/, 'expected tel: and an E.164 number');
const uploadSchema = z.object({
  msisdn: telUri,
  device: z.string().min(1).max(128),
  key_packages: z.array(z.string()).max(100),
  last_resort: z.string().optional(),
});
const claimSchema = z.object({ target_msisdn: telUri });

export interface KdsOptions {
  readonly config: CarrierConfig;
  readonly ports: Pick<CarrierPorts, 'network' | 'observe' | 'stored' | 'store'>;
  readonly deadlines: Deadlines;
  readonly tokens: KdsTokens;
  /** What is handed out for an own subscriber in place of what it published: the same, of an honest carrier. */
  substitute(msisdn: string, claimed: readonly ClaimedPackage[]): readonly ClaimedPackage[];
}

/** The KDS of a carrier as an https handler. */
export function createKds(options: KdsOptions): HttpHandler {
  const { config, ports, tokens } = options;
  const store = new KeyPackageStore(ports.store);
  const app = new Hono<Env>();

  app.use('/mls/v1/*', async (c, next) => {
    if (Number(c.req.header('content-length') ?? 0) > MAX_REQUEST) return c.json({ error: 'too large' }, 413);
    const token = /^Bearer ([!-~]+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const federated = c.req.path === '/mls/v1/federation/claim';
    const known = federated ? peerOfToken(config, token) : tokens.msisdnOf(token);
    if (known === undefined) return c.json({ error: 'expected a Bearer token of this KDS' }, 401);
    c.set('msisdn', known);
    return next();
  });

  app.get('/mls/v1/supported-ciphersuites', (c) => c.json({ ciphersuites: CIPHER_SUITES }));

  app.post('/mls/v1/keypackages', async (c) => {
    const body = uploadSchema.safeParse(await jsonOf(c.req.raw));
    if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 400);
    const { device, key_packages, last_resort } = body.data;
    const msisdn = body.data.msisdn.slice('tel:'.length);
    if (msisdn !== c.get('msisdn')) return c.json({ error: 'the token is of another subscriber' }, 403);
    const oneTime: Uint8Array[] = [];
    for (const [i, text] of key_packages.entries()) {
      const checked = checkBase64(text, { msisdn, lastResort: false });
      if (typeof checked === 'string') return c.json({ error: `key_packages[${i}]: ${checked}` }, 400);
      oneTime.push(checked);
    }
    const lastResort =
      last_resort === undefined ? undefined : checkBase64(last_resort, { msisdn, lastResort: true });
    if (typeof lastResort === 'string') return c.json({ error: `last_resort: ${lastResort}` }, 400);
    const stored = store.publish(msisdn, device, oneTime, lastResort);
    for (const [i, bytes] of oneTime.entries()) ports.stored(`key-packages/${msisdn}/${device}/${i}`, bytes);
    if (lastResort) ports.stored(`key-packages/${msisdn}/${device}/last-resort`, lastResort);
    ports.observe({ name: 'key-packages-published', data: { msisdn, device, stored } });
    return c.json({ stored });
  });

  app.post('/mls/v1/keypackages/claim', async (c) => {
    const body = claimSchema.safeParse(await jsonOf(c.req.raw));
    if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 400);
    const target = body.data.target_msisdn.slice('tel:'.length);
    const route = routeNumber(config, target);
    if (route.kind !== 'peer') return claimAnswer(claimOwn(target));
    const foreign = await claimAtPeer(config, ports, options.deadlines, route.peer, target);
    ports.observe({
      name: 'key-packages-federated',
      data: { target, peer: route.peer.label, status: foreign.status },
    });
    return foreign;
  });

  app.post('/mls/v1/federation/claim', async (c) => {
    const body = claimSchema.safeParse(await jsonOf(c.req.raw));
    if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 400);
    return claimAnswer(claimOwn(body.data.target_msisdn.slice('tel:'.length)));
  });

  function claimOwn(msisdn: string): readonly ClaimedPackage[] | undefined {
    const claimed = store.claim(msisdn);
    if (claimed === undefined) return undefined;
    const lastResort = claimed.filter((p) => p.isLastResort).length;
    ports.observe({ name: 'key-packages-claimed', data: { msisdn, devices: claimed.length, lastResort } });
    return options.substitute(msisdn, claimed);
  }

  return (request, remote) => app.fetch(request, { remote });
}

function claimAnswer(claimed: readonly ClaimedPackage[] | undefined): Response {
  if (claimed === undefined) return Response.json({ error: 'never uploaded' }, { status: 404 });
  const key_packages = claimed.map(({ device, keyPackage, isLastResort }) => ({
    device,
    key_package: toBase64(keyPackage),
    is_last_resort: isLastResort,
  }));
  return Response.json({ key_packages });
}

function checkBase64(text: string, expected: { msisdn: string; lastResort: boolean }): Uint8Array | string {
  const bytes = fromBase64(text);
  return bytes === undefined ? 'no Base64' : checkKeyPackage(bytes, expected);
}

/** The label of the peer that `token` is shared with. */
function peerOfToken(config: CarrierConfig, token: string): string | undefined {
  return config.peers.find((peer) => federationToken(config, peer) === token)?.label;
}

async function jsonOf(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.length > MAX_REQUEST) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
