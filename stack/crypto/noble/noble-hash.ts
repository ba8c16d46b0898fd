import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { HashAlgorithm } from '../primitives.ts';

function nobleHash(sha: typeof sha256 | typeof sha384 | typeof sha512): HashAlgorithm {
  return { length: sha.outputLen, hash: (data) => sha(data), mac: (key, data) => hmac(sha, key, data) };
}

export const nobleSha256: HashAlgorithm = nobleHash(sha256);
export const nobleSha384: HashAlgorithm = nobleHash(sha384);
export const nobleSha512: HashAlgorithm = nobleHash(sha512);
