/**
 * Other people's HTTP hosts, an ACS and a KDS that are none of ours, played by msw under the global fetch: whatever
 * they answer, the client ends in a stated outcome.
 */
import { setTimeout as turn } from 'node:timers/promises';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { MAX_BUSY_WAIT_MS } from '../../stack/client/provisioning/limits.ts';
import { Provisioning } from '../../stack/client/provisioning.ts';
import { claimKeyPackages, uploadKeyPackages } from '../../stack/e2ee/key-delivery.ts';
import type { Network } from '../../stack/platform.ts';
import { PHONE } from './provisioning-bench.ts';

const KDS = { uri: 'https://kds.partner.example', token: 'token-of-the-phone' };
const ACS = 'config.rcs.mnc001.mcc999.pub.3gppnetwork.org';
const PEER = '+999900200002';
const CLAIM = `${KDS.uri}/mls/v1/keypackages/claim`;

const partner = setupServer();
beforeAll(() => partner.listen({ onUnhandledFrame: 'error' }));
afterEach(() => partner.resetHandlers());
afterAll(() => partner.close());

/** A phone whose only network is the global fetch, which msw intercepts: no socket is opened. */
const network: Network = {
  host: 'phone.example',
  fetch: (request) => globalThis.fetch(request),
  connect: () => Promise.reject(new Error('HTTP only')),
  listen: () => expect.unreachable('HTTP only'),
  datagram: () => expect.unreachable('HTTP only'),
  serveHttp: () => expect.unreachable('HTTP only'),
};

describe("a claim at a partner's KDS", () => {
  it('names the target by its tel URI, and itself by the bearer token', async () => {
    let seen: { readonly body: unknown; readonly authorization: string | null } | undefined;
    partner.use(
      http.post(CLAIM, async ({ request }) => {
        seen = { body: await request.json(), authorization: request.headers.get('authorization') };
        return HttpResponse.json({
          key_packages: [{ device: 'd1', key_package: 'AAEC', is_last_resort: true }],
        });
      }),
    );
    expect(await claimKeyPackages(network, KDS, PEER)).toEqual({
      kind: 'served',
      keyPackages: [{ device: 'd1', keyPackage: new Uint8Array([0, 1, 2]), lastResort: true }],
    });
    expect(seen).toEqual({ body: { target_msisdn: `tel:${PEER}` }, authorization: `Bearer ${KDS.token}` });
  });

  // Only `none` says something about the peer; everything else says something about the directory.
  it.each([
    ['404: the peer never uploaded', () => new HttpResponse(null, { status: 404 }), 'none'],
    ['an empty list', () => HttpResponse.json({ key_packages: [] }), 'none'],
    ['403', () => new HttpResponse(null, { status: 403 }), 'not-authorized'],
    ['503', () => new HttpResponse(null, { status: 503 }), 'unavailable'],
    ['no answer at all', () => HttpResponse.error(), 'unavailable'],
    ['a page in place of JSON', () => HttpResponse.html('<h1>captive portal</h1>'), 'unavailable'],
    ['JSON of another shape', () => HttpResponse.json({ keyPackages: 'none' }), 'unavailable'],
    [
      'Base64 that is none',
      () => HttpResponse.json({ key_packages: [{ key_package: '%%%' }] }),
      'unavailable',
    ],
    [
      'a thousand devices',
      () => HttpResponse.json({ key_packages: Array(1000).fill({ key_package: 'AA==' }) }),
      'unavailable',
    ],
    ['two mebibytes', () => HttpResponse.text('x'.repeat(1 << 21)), 'unavailable'],
  ])('%s ends as it should', async (_, answer, kind) => {
    partner.use(http.post(CLAIM, answer));
    expect(await claimKeyPackages(network, KDS, PEER)).toEqual({ kind });
  });
});

it('an upload counts only when the KDS took it', async () => {
  const upload = {
    msisdn: PEER,
    device: 'd',
    keyPackages: [new Uint8Array([1])],
    lastResort: new Uint8Array([2]),
  };
  partner.use(
    http.post(`${KDS.uri}/mls/v1/keypackages`, () => new HttpResponse(null, { status: 204 }), { once: true }),
  );
  expect(await uploadKeyPackages(network, KDS, upload)).toBe(true);
  partner.use(http.post(`${KDS.uri}/mls/v1/keypackages`, () => new HttpResponse(null, { status: 400 })));
  expect(await uploadKeyPackages(network, KDS, upload)).toBe(false);
});

describe("provisioning at a partner's ACS", () => {
  const cookie = http.get(
    `http://${ACS}/`,
    () => new HttpResponse(null, { headers: { 'set-cookie': 'acs=4f1c; Secure' } }),
  );

  /** One run; waiting ends with the test, so a wait counts as no configuration. */
  async function provisioned(): Promise<{ readonly kind: string }> {
    const clock = new VirtualClock();
    const manager = new Provisioning({
      platform: { clock, random: new SeededRandom('acs'), network, store: new MemoryStore() },
      terminal: PHONE,
      sms: { watch: () => () => {} },
      bearer: () => 'operator',
      onOutcome: () => {},
    });
    let outcome: { readonly kind: string } | undefined;
    const run = manager.run('boot').then((end) => {
      outcome = end;
    });
    while (outcome === undefined) {
      // The exchange itself takes real time, the pauses between two take virtual time.
      await Promise.race([run, turn(1)]);
      await clock.settle(MAX_BUSY_WAIT_MS, MAX_BUSY_WAIT_MS);
    }
    manager.close();
    return outcome;
  }

  it.each([
    [
      '403 to the bearer request: not entitled',
      [http.get(`http://${ACS}/`, () => new HttpResponse(null, { status: 403 }))],
      'disabled',
    ],
    ['200 without a cookie', [http.get(`http://${ACS}/`, () => new HttpResponse(null))], 'unavailable'],
    [
      '503',
      [cookie, http.get(`https://${ACS}/`, () => new HttpResponse(null, { status: 503 }))],
      'unavailable',
    ],
    ['no XML', [cookie, http.get(`https://${ACS}/`, () => HttpResponse.text('not xml'))], 'unavailable'],
    [
      'an entity bomb',
      [
        cookie,
        http.get(`https://${ACS}/`, () => HttpResponse.text('<!DOCTYPE d [<!ENTITY a "aaaa">]><d>&a;</d>')),
      ],
      'unavailable',
    ],
    [
      'version -1: RCS is off for good',
      [
        cookie,
        http.get(`https://${ACS}/`, () =>
          HttpResponse.xml(
            '<wap-provisioningdoc version="1.1"><characteristic type="VERS"><parm name="version" value="-1"/><parm name="validity" value="-1"/></characteristic></wap-provisioningdoc>',
          ),
        ),
      ],
      'disabled',
    ],
  ])('%s', async (_, handlers, kind) => {
    partner.use(...handlers);
    expect(await provisioned()).toMatchObject({ kind });
  });
});
