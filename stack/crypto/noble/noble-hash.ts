import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { HashAlgorithm } from '../primitives.ts';

export const nobleSha256: HashAlgorithm = {
  length: 32,
  hash: (data) => sha256(data),
  mac: (key, data) => hmac(sha256, key, data),
};
