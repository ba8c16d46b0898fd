import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  authenticationInfo,
  digestAuthorization,
  parseAuthenticationInfo,
  parseChallenge,
  parseDigestHeader,
  provesItself,
  verifyDigest,
} from '../../stack/rcs/sip/digest.ts';

/** RFC 7616 written down again with another library. */
const H = (name: string, text: string) => createHash(name).update(text).digest('hex');

const QUESTION = { realm: 'ims.example', nonce: 'bm9uY2U=' };
const USER = { username: 'alice@ims.example', password: 'Secret, or not?' };
const REQUEST = { method: 'REGISTER', uri: 'sip:ims.example' };
const body = new TextEncoder().encode('v=0\r\n');
const ha1 = (name: string) => H(name, `${USER.username}:${QUESTION.realm}:${USER.password}`);
const ha2 = (name: string) => H(name, `${REQUEST.method}:${REQUEST.uri}`);

function answered(algorithm: string, qop = 'auth', nc = 1): string {
  const challenge = { ...QUESTION, algorithm, qop };
  return digestAuthorization({ challenge, ...USER, ...REQUEST, cnonce: 'c0ffee', nc, body });
}

describe('the algorithms of RFC 8760', () => {
  it('knows SHA-512-256 as FIPS 180-4 has it, not as half of SHA-512', () => {
    expect(H('sha512-256', 'abc')).toBe('53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23');
    const expected = H(
      'sha512-256',
      `${ha1('sha512-256')}:bm9uY2U=:00000001:c0ffee:auth:${ha2('sha512-256')}`,
    );
    expect(parseDigestHeader(answered('SHA-512-256'))?.response).toBe(expected);
  });

  it.each([
    ['MD5-sess', 'md5'],
    ['SHA-256-sess', 'sha256'],
    ['SHA-512-256-sess', 'sha512-256'],
  ])('hashes A1 once more for %s (RFC 7616 3.4.2)', (algorithm, name) => {
    const session = H(name, `${ha1(name)}:bm9uY2U=:c0ffee`);
    const expected = H(name, `${session}:bm9uY2U=:00000002:c0ffee:auth:${ha2(name)}`);
    expect(parseDigestHeader(answered(algorithm, 'auth', 2))?.response).toBe(expected);
  });

  it('protects the body with auth-int where auth is not offered (RFC 7616 3.4.3)', () => {
    const withBody = H('sha256', `REGISTER:sip:ims.example:${H('sha256', 'v=0\r\n')}`);
    const expected = H('sha256', `${ha1('sha256')}:bm9uY2U=:00000001:c0ffee:auth-int:${withBody}`);
    const header = answered('SHA-256', 'auth-int');
    expect(parseDigestHeader(header)).toMatchObject({ response: expected, qop: 'auth-int' });
    const verify = { header, method: 'REGISTER', password: USER.password };
    expect(verifyDigest({ ...verify, body })).toBe('ok');
    expect(verifyDigest({ ...verify, body: new TextEncoder().encode('v=1\r\n') })).toBe('bad');
  });

  it('takes auth of auth and auth-int', () => {
    expect(parseDigestHeader(answered('SHA-256', 'auth-int, auth'))?.qop).toBe('auth');
  });

  it('answers a server that offers no quality as RFC 2069 did', () => {
    const challenge = parseChallenge('Digest realm="ims.example", nonce="bm9uY2U="')!;
    const header = digestAuthorization({ challenge, ...USER, ...REQUEST, cnonce: 'c0ffee', nc: 1 });
    expect(parseDigestHeader(header)).toEqual({
      ...{ username: USER.username, ...QUESTION, uri: REQUEST.uri },
      response: H('md5', `${ha1('md5')}:bm9uY2U=:${ha2('md5')}`),
    });
  });
});

describe('Authentication-Info (RFC 7616 3.5)', () => {
  const header = answered('SHA-256');
  const credentials = parseDigestHeader(header)!;
  const info = authenticationInfo(credentials, { password: USER.password }, { nextnonce: 'next' })!;

  it('proves with the method left out that the server knows the password', () => {
    const a2 = H('sha256', `:${REQUEST.uri}`);
    const rspauth = H('sha256', `${ha1('sha256')}:bm9uY2U=:00000001:c0ffee:auth:${a2}`);
    expect(parseAuthenticationInfo(info)).toEqual({
      ...{ nextnonce: 'next', qop: 'auth', rspauth, cnonce: 'c0ffee', nc: '00000001' },
    });
  });

  it('convinces a client with the same password only', () => {
    const parsed = parseAuthenticationInfo(info)!;
    expect(provesItself(parsed, credentials, { password: USER.password })).toBe(true);
    expect(provesItself(parsed, credentials, { password: 'another' })).toBe(false);
    expect(provesItself({ nextnonce: 'n' }, credentials, { password: 'another' })).toBe(true);
  });

  it.each(['', 'nextnonce', 'nextnonce="a', 'a=1, a=1'])('%j is none', (value) => {
    expect(parseAuthenticationInfo(value)).toBeUndefined();
  });
});
