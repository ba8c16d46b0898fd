import { describe, expect, it } from 'vitest';
import {
  type DigestChallenge,
  digestAuthorization,
  digestHa1,
  parseChallenge,
  parseDigestHeader,
  unchallengedAuthorization,
  verifyDigest,
  writeChallenge,
} from '../../stack/rcs/sip/digest.ts';

/** The two challenges of RFC 7616 section 3.9.1. */
const challenge = (algorithm: string): string =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

const MUFASA = {
  username: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  nc: 1,
};

function chosen(...values: string[]): DigestChallenge {
  const found = values.map((value) => parseChallenge(value)).find((c) => c !== undefined);
  if (found === undefined) throw new Error('expected a challenge that can be answered');
  return found;
}

describe('RFC 7616 section 3.9.1', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('the response under %s is the published one', (algorithm, response) => {
    const header = digestAuthorization({ challenge: chosen(challenge(algorithm)), ...MUFASA });
    expect(parseDigestHeader(header)).toEqual({
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      uri: '/dir/index.html',
      response,
      algorithm,
      cnonce: MUFASA.cnonce,
      opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
      qop: 'auth',
      nc: '00000001',
    });
    expect(verifyDigest({ header, method: 'GET', password: MUFASA.password })).toBe('ok');
  });

  it('the example of RFC 2617 section 3.5 holds too', () => {
    const header = digestAuthorization({
      challenge: chosen(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
      ),
      ...MUFASA,
      password: 'Circle Of Life',
      cnonce: '0a4f113b',
    });
    expect(parseDigestHeader(header)?.response).toBe('6629fae49393a05397450978507c4ef1');
  });
});

describe('a client with several challenges', () => {
  it('takes the first that it supports (RFC 8760 2.4)', () => {
    const unknown = challenge('SHA3-256');
    expect(chosen(unknown, challenge('SHA-256'), challenge('MD5')).algorithm).toBe('SHA-256');
    expect(chosen(challenge('MD5'), challenge('SHA-256')).algorithm).toBe('MD5');
  });

  it.each([
    ['another scheme', 'Basic realm="x"'],
    ['an unknown algorithm', 'Digest realm="x", nonce="y", algorithm=SHA3-256'],
    ['a challenge to a SIM', 'Digest realm="x", nonce="y", algorithm=AKAv1-MD5'],
    ['an unknown quality', 'Digest realm="x", nonce="y", qop="auth-conf"'],
    ['no nonce', 'Digest realm="x"'],
    ['a broken quote', 'Digest realm="x, nonce="y"'],
    ['a repeated parameter', 'Digest realm="x", realm="x", nonce="y"'],
    ['nothing', ''],
  ])('passes over %s', (_what, value) => {
    expect(parseChallenge(value)).toBeUndefined();
  });

  it('reads what it writes', () => {
    const written = {
      realm: 'a "b" \\c',
      nonce: 'n',
      algorithm: 'SHA-256',
      qop: 'auth',
      opaque: 'o',
      stale: true,
    };
    expect(parseChallenge(writeChallenge(written))).toEqual(written);
  });
});

describe('a server that verifies', () => {
  const header = digestAuthorization({
    challenge: chosen(challenge('SHA-256')),
    ...MUFASA,
    method: 'REGISTER',
  });
  const good = { header, method: 'REGISTER', password: MUFASA.password };

  it.each([
    ['another method', { method: 'MESSAGE' }],
    ['another password', { password: 'Circle of life' }],
    ['another realm', { realm: 'example.org' }],
    ['another URI', { uri: '/dir' }],
    ['an algorithm it did not offer', { algorithms: ['MD5'] }],
    ['a changed response', { header: header.replace(/response="./, 'response="g') }],
    ['a count that is no eight digits', { header: header.replace('nc=00000001', 'nc=1') }],
    ['another cnonce', { header: header.replace('cnonce="f', 'cnonce="g') }],
    ['no digest', { header: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' }],
    ['the empty credentials of a first REGISTER', { header: unchallengedAuthorization('u', 'r', 'sip:r') }],
  ])('calls %s bad', (_what, change) => {
    expect(verifyDigest({ ...good, ...change })).toBe('bad');
  });

  it('calls a nonce stale only when the password was right (RFC 7616 3.3)', () => {
    const acceptNonce = (): boolean => false;
    expect(verifyDigest({ ...good, acceptNonce })).toBe('stale');
    expect(verifyDigest({ ...good, password: 'x', acceptNonce })).toBe('bad');
  });

  it('hands nonce and count to whoever guards against replay', () => {
    const second = digestAuthorization({ challenge: chosen(challenge('SHA-256')), ...MUFASA, nc: 0x1f });
    const seen: [string, number][] = [];
    const acceptNonce = (nonce: string, nc: number): boolean => seen.push([nonce, nc]) > 0;
    expect(verifyDigest({ header: second, method: 'GET', password: MUFASA.password, acceptNonce })).toBe(
      'ok',
    );
    expect(seen).toEqual([['7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v', 0x1f]]);
  });

  it('can keep H(A1) instead of the password', () => {
    const ha1 = digestHa1('SHA-256', 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(verifyDigest({ header, method: 'REGISTER', ha1, algorithms: ['SHA-256'] })).toBe('ok');
  });
});
