import { describe, expect, it } from 'vitest';
import { AuthenticationCentre } from '../../emulators/carrier/registrar/authentication-centre.ts';
import { EmulatedSim } from '../../emulators/devices/sim.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { parseAkaNonce, parseAuts, writeAkaNonce } from '../../stack/rcs/sip/aka.ts';
import { authenticatedRequest } from '../../stack/rcs/sip/authenticated-request.ts';
import {
  authenticationInfo,
  parseDigestHeader,
  verifyDigest,
  writeChallenge,
} from '../../stack/rcs/sip/digest.ts';
import { DigestClient } from '../../stack/rcs/sip/digest-client.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../stack/rcs/sip/message.ts';

const REALM = 'ims.example';
const IDENTITY = { username: 'alice@ims.example', password: 'secret' };

function request(method = 'REGISTER', authorization?: string): SipRequest {
  const headers = [
    { name: 'Call-ID', value: 'call' },
    { name: 'CSeq', value: `7 ${method}` },
    ...(authorization === undefined ? [] : [{ name: 'Authorization', value: authorization }]),
  ];
  return { kind: 'request', method, uri: 'sip:ims.example', headers, body: new Uint8Array(0) };
}

function response(status: number, ...fields: [name: string, value: string][]): SipResponse {
  const headers = fields.map(([name, value]) => ({ name, value }));
  return { kind: 'response', status, reason: '', headers, body: new Uint8Array(0) };
}

function challenge(
  nonce: string,
  more: { algorithm?: string; stale?: boolean; realm?: string } = {},
): string {
  return writeChallenge({ realm: REALM, nonce, algorithm: 'SHA-256', qop: 'auth', ...more });
}

function client(identity: ConstructorParameters<typeof DigestClient>[0] = IDENTITY): DigestClient {
  return new DigestClient(identity, new SeededRandom('digest'));
}

/** Answers with `answers` in turn; what was sent is kept. */
async function exchange(digest: DigestClient, answers: SipResponse[], sending = request()) {
  const sent: SipRequest[] = [];
  const outcome = await authenticatedRequest(sending, digest, async (one) => {
    sent.push(one);
    return answers[sent.length - 1]!;
  });
  return { ...outcome, sent };
}

const credentials = (one: SipRequest | undefined, name = 'Authorization') =>
  parseDigestHeader(header(one!, name) ?? '');

describe('a client that is challenged (RFC 3261 22)', () => {
  it('sends the request again with credentials, one CSeq higher in the same call', async () => {
    const { sent, result } = await exchange(client(), [
      response(401, ['WWW-Authenticate', challenge('n1')]),
      response(200),
    ]);
    expect(result.status).toBe(200);
    expect(sent.map((one) => header(one, 'CSeq'))).toEqual(['7 REGISTER', '8 REGISTER']);
    expect(sent.map((one) => header(one, 'Call-ID'))).toEqual(['call', 'call']);
    expect(
      verifyDigest({ header: header(sent[1]!, 'Authorization')!, method: 'REGISTER', password: 'secret' }),
    ).toBe('ok');
  });

  it('answers the topmost challenge that it can (RFC 8760 2.4)', async () => {
    const asks = ['SHA3-512', 'AKAv1-MD5', 'SHA-512-256', 'MD5'].map((algorithm): [string, string] => [
      'WWW-Authenticate',
      challenge('n1', { algorithm }),
    ]);
    const { sent } = await exchange(client(), [response(401, ...asks), response(200)]);
    expect(credentials(sent[1])?.algorithm).toBe('SHA-512-256');
  });

  it('takes a second 401 with another nonce for wrong credentials', async () => {
    const { sent, result, why } = await exchange(client(), [
      response(401, ['WWW-Authenticate', challenge('n1')]),
      response(401, ['WWW-Authenticate', challenge('n2')]),
    ]);
    expect([sent.length, result.status, why]).toEqual([2, 401, 'the credentials were not accepted']);
  });

  it('tries again with the same password when only the nonce was stale', async () => {
    const { sent, result } = await exchange(client(), [
      response(401, ['WWW-Authenticate', challenge('n1')]),
      response(401, ['WWW-Authenticate', challenge('n2', { stale: true })]),
      response(200),
    ]);
    expect([sent.length, result.status]).toEqual([3, 200]);
    expect(credentials(sent[2])).toMatchObject({ nonce: 'n2', nc: '00000001' });
  });

  it('gives up on a server to which every nonce is stale', async () => {
    const answers = Array.from({ length: 9 }, (_, i) =>
      response(401, ['WWW-Authenticate', challenge(`n${i}`, { stale: true })]),
    );
    expect((await exchange(client(), answers)).sent).toHaveLength(5);
  });

  it('uses a nonce again with a count that grows, and is not put off when that comes too late', async () => {
    const digest = client();
    await exchange(digest, [response(401, ['WWW-Authenticate', challenge('n1')]), response(200)]);
    const { sent } = await exchange(digest, [
      response(401, ['WWW-Authenticate', challenge('n2')]),
      response(200),
    ]);
    expect(sent.map((one) => credentials(one))).toMatchObject([
      { nonce: 'n1', nc: '00000002' },
      { nonce: 'n2', nc: '00000001' },
    ]);
  });

  it('takes the nonce that Authentication-Info tells for the next request (RFC 7616 3.5)', async () => {
    const digest = client();
    const asked = [response(401, ['WWW-Authenticate', challenge('n1')])];
    await exchange(digest, [...asked, response(200, ['Authentication-Info', 'nextnonce="n2"'])]);
    const { sent } = await exchange(digest, [response(200)]);
    expect(credentials(sent[0])).toMatchObject({ nonce: 'n2', nc: '00000001' });
  });

  it('does not trust a 200 of someone who does not know the password', async () => {
    const digest = client();
    let info = '';
    const outcome = await authenticatedRequest(request(), digest, async (sent) => {
      const given = credentials(sent);
      if (given === undefined) return response(401, ['WWW-Authenticate', challenge('n1')]);
      info = authenticationInfo(given, { password: 'guessed' })!;
      return response(200, ['Authentication-Info', info]);
    });
    expect(outcome.why).toBe('the network does not know the secret');
  });

  it('answers several proxies, each in its realm, and again without being asked (RFC 3261 22.3)', async () => {
    const digest = client();
    const asks = [REALM, 'other.example'].map((realm): [string, string] => [
      'Proxy-Authenticate',
      challenge('n1', { realm }),
    ]);
    await exchange(digest, [response(407, ...asks), response(202)], request('MESSAGE'));
    const { sent } = await exchange(digest, [response(202)], request('OPTIONS'));
    const given = headerValues(sent[0]!, 'Proxy-Authorization').map(parseDigestHeader);
    expect(given.map((one) => [one?.realm, one?.nc])).toEqual([
      [REALM, '00000002'],
      ['other.example', '00000002'],
    ]);
    expect(header(sent[0]!, 'Authorization')).toBeUndefined();
  });

  it('leaves what it cannot answer unanswered', async () => {
    const { sent, why } = await exchange(client(), [response(401, ['WWW-Authenticate', 'Basic realm="x"'])]);
    expect([sent.length, why]).toEqual([1, 'no challenge that could be answered']);
  });
});

describe('AKAv1-MD5 (RFC 3310)', () => {
  const key = { k: new Uint8Array(16).fill(7), opc: new Uint8Array(16).fill(9) };
  const network = () => new AuthenticationCentre(new SeededRandom('hss'));
  const asked = (centre: AuthenticationCentre) => {
    const vector = centre.vector('imsi', key);
    const nonce = writeAkaNonce({ ...vector, serverData: new Uint8Array([1, 2]) });
    const ask = response(401, ['WWW-Authenticate', challenge(nonce, { algorithm: 'AKAv1-MD5' })]);
    return { vector, nonce, ask };
  };
  const withSim = (sim = new EmulatedSim(key)) => client({ username: IDENTITY.username, sim });

  it('uses RES, in octets, as the password (3.3)', async () => {
    const { vector, nonce, ask } = asked(network());
    const { sent } = await exchange(withSim(), [ask, response(200)]);
    const verify = {
      header: header(sent[1]!, 'Authorization')!,
      method: 'REGISTER',
      algorithms: ['AKAv1-MD5'],
    };
    expect(verifyDigest({ ...verify, password: vector.xres })).toBe('ok');
    expect(credentials(sent[1])?.nonce).toBe(nonce);
  });

  it('sends AUTS with an empty password when the card is ahead (3.4), by which the network catches up', async () => {
    const sim = new EmulatedSim(key);
    const before = network();
    for (let i = 0; i < 40; i += 1) {
      const { rand, autn } = before.vector('imsi', key);
      expect(sim.authenticate(rand, autn).kind).toBe('authenticated');
    }
    const centre = network();
    const sent: SipRequest[] = [];
    const outcome = await authenticatedRequest(request(), withSim(sim), async (one) => {
      sent.push(one);
      const given = credentials(one);
      if (given === undefined) return asked(centre).ask;
      if (given.auts === undefined) return response(200);
      expect(
        verifyDigest({
          header: header(one, 'Authorization')!,
          method: 'REGISTER',
          algorithms: ['AKAv1-MD5'],
          password: '',
        }),
      ).toBe('ok');
      const { rand } = parseAkaNonce(given.nonce)!;
      expect(centre.resynchronise('imsi', key, rand, parseAuts(given.auts)!)).toBe(true);
      return asked(centre).ask;
    });
    expect([outcome.result.status, sent.length]).toEqual([200, 3]);
  });

  it('gives up on a network that does not follow', async () => {
    const sim = new EmulatedSim(key);
    const before = network();
    for (let i = 0; i < 40; i += 1) {
      const { rand, autn } = before.vector('imsi', key);
      sim.authenticate(rand, autn);
    }
    const centre = network();
    const { sent, why } = await exchange(withSim(sim), [asked(centre).ask, asked(centre).ask]);
    expect(sent).toHaveLength(2);
    expect(why).toContain('does not follow the SIM');
  });

  it('answers a forged challenge with an empty response and no AUTS (TS 24.229 5.1.1.5.3)', async () => {
    const forger = { k: new Uint8Array(16).fill(8), opc: key.opc };
    const vector = network().vector('imsi', forger);
    const nonce = writeAkaNonce({ ...vector, serverData: new Uint8Array(0) });
    const ask = response(401, ['WWW-Authenticate', challenge(nonce, { algorithm: 'AKAv1-MD5' })]);
    const { sent, result } = await exchange(withSim(), [ask, response(403)]);
    expect(result.status).toBe(403);
    expect(credentials(sent[1])).toMatchObject({ nonce, response: '' });
    expect(credentials(sent[1])?.auts).toBeUndefined();
  });

  it('never takes the same challenge twice, nor one from long ago', () => {
    const sim = new EmulatedSim(key);
    const { rand, autn } = network().vector('imsi', key);
    expect([1, 2].map(() => sim.authenticate(rand, autn).kind)).toEqual(['authenticated', 'out-of-step']);
  });

  it('a network takes AUTS of its own card only', () => {
    const centre = network();
    const { rand } = centre.vector('imsi', key);
    expect(centre.resynchronise('imsi', key, rand, new Uint8Array(14))).toBe(false);
    expect(centre.resynchronise('imsi', key, rand, new Uint8Array(13))).toBe(false);
  });

  it.each(['', 'AAAA', '%%%', 'AAAA=AAA'])('a nonce %j holds no RAND and AUTN', async (nonce) => {
    const ask = response(401, ['WWW-Authenticate', challenge(nonce, { algorithm: 'AKAv1-MD5' })]);
    const { sent, why } = await exchange(withSim(), [ask]);
    expect([sent.length, why]).toEqual([1, 'a challenge to the SIM that holds no RAND and AUTN']);
  });
});
