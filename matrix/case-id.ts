import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Case } from './schema/case.ts';

/** An address and a promise: `axis=value` pairs sorted by axis, joined by commas. */
export function caseId(axes: Readonly<Record<string, string>>): string {
  return Object.keys(axes)
    .sort()
    .map((axis) => `${axis}=${axes[axis]}`)
    .join(',');
}

/** Content hash of a case: the first 16 hex digits of SHA-256 over its JSON with sorted keys. */
export function caseHash(testCase: Case): string {
  return hashText(canonicalJson(testCase)).slice(0, 16);
}

/** SHA-256 of UTF-8 text, 64 hex digits. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** JSON in which equal data is equal text: keys sorted by code unit, undefined fields left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
