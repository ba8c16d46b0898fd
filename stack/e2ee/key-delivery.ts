/**
 * The client's side of the KDS (RCC.16 section 5). The production protocol is not public: this is the HTTP contract of
 * an open test network (JSON, binary as Base64), docs/rcc16.md 2.6.
 */
import type { Network } from '../platform.ts';
import { fromBase64, toBase64 } from './base64.ts';

export interface KdsAccess {
  /** https URI of the own carrier's KDS. */
  readonly uri: string;
  /** Bearer token from the configuration document. */
  readonly token: string;
}

export interface ClaimedKeyPackage {
  /** The peer's device that it belongs to, opaque. */
  readonly device: string;
  /** RFC 9420 KeyPackage, without the MLSMessage header. */
  readonly keyPackage: Uint8Array;
  readonly lastResort: boolean;
}

/** Only `none` blames the peer's pool; `unavailable` says nothing about the peer (docs/rcc16.md 1.6). */
export type ClaimOutcome =
  | { readonly kind: 'served'; readonly keyPackages: readonly ClaimedKeyPackage[] }
  | { readonly kind: 'none' | 'not-authorized' | 'unavailable' };

/** Largest answer read, octets: a user has few devices and a KeyPackage with a chain stays under 16 KiB. */
const ANSWER_LIMIT = 1 << 20;
const MAX_DEVICES = 32;

export async function uploadKeyPackages(
  network: Network,
  kds: KdsAccess,
  upload: {
    readonly msisdn: string;
    readonly device: string;
    readonly keyPackages: readonly Uint8Array[];
    readonly lastResort: Uint8Array | undefined;
  },
): Promise<boolean> {
  const response = await post(network, kds, '/mls/v1/keypackages', {
    msisdn: `tel:${upload.msisdn}`,
    device: upload.device,
    key_packages: upload.keyPackages.map(toBase64),
    ...(upload.lastResort && { last_resort: toBase64(upload.lastResort) }),
  });
  return response?.ok === true;
}

/** One KeyPackage of each device of `msisdn`; a one-time one is consumed. */
export async function claimKeyPackages(
  network: Network,
  kds: KdsAccess,
  msisdn: string,
): Promise<ClaimOutcome> {
  const response = await post(network, kds, '/mls/v1/keypackages/claim', { target_msisdn: `tel:${msisdn}` });
  if (response === undefined || response.status >= 500) return { kind: 'unavailable' };
  if (response.status === 404) return { kind: 'none' };
  if (!response.ok) return { kind: 'not-authorized' };
  const keyPackages = readClaim(await response.text());
  if (keyPackages === undefined) return { kind: 'unavailable' };
  return keyPackages.length === 0 ? { kind: 'none' } : { kind: 'served', keyPackages };
}

async function post(
  network: Network,
  kds: KdsAccess,
  path: string,
  body: unknown,
): Promise<Response | undefined> {
  const request = new Request(new URL(path, kds.uri), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${kds.token}` },
    body: JSON.stringify(body),
  });
  // A KDS that can't be reached is an outcome, not an exception: it says nothing about the peer.
  return network.fetch(request).catch(() => undefined);
}

function readClaim(text: string): ClaimedKeyPackage[] | undefined {
  if (text.length > ANSWER_LIMIT) return undefined;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = (answer as { key_packages?: unknown } | null)?.key_packages;
  if (!Array.isArray(list) || list.length > MAX_DEVICES) return undefined;
  const out: ClaimedKeyPackage[] = [];
  for (const entry of list as Record<string, unknown>[]) {
    const keyPackage =
      typeof entry?.['key_package'] === 'string' ? fromBase64(entry['key_package']) : undefined;
    if (keyPackage === undefined) return undefined;
    out.push({
      device: String(entry['device'] ?? ''),
      keyPackage,
      lastResort: entry['is_last_resort'] === true,
    });
  }
  return out;
}
