/** RFC 5627: URIs that lead to one device of a subscriber, wherever it is registered. */
import { ecb } from '@noble/ciphers/aes.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Random } from '../../../stack/platform.ts';
import { parseSipUri, unescapeUri } from '../../../stack/rcs/sip/uri.ts';

/** A device of a subscriber. */
export interface Device {
  readonly msisdn: string;
  /** As in `+sip.instance`: a URN in angle brackets. */
  readonly instance: string;
}

/** User part of a temporary GRUU: this and 32 hexadecimal digits. */
const TEMPORARY = /^tgruu\.([0-9a-f]{32})$/;

/**
 * Temporary GRUUs are the encrypted number of a registration and a count (RFC 5627 appendix A.2): every REGISTER gets a
 * fresh one, all of a registration stay valid while it lasts (section 5.4), and none costs memory.
 */
export class Gruus {
  readonly #domain: string;
  readonly #cipher: { encrypt(block: Uint8Array): Uint8Array; decrypt(block: Uint8Array): Uint8Array };
  readonly #registrations = new Map<number, Device>();
  readonly #numbers = new Map<string, { readonly callId: string; readonly number: number; count: number }>();
  #next = 1;

  constructor(domain: string, random: Random) {
    const key = random.bytes(16);
    this.#domain = domain;
    this.#cipher = {
      encrypt: (block) => ecb(key, { disablePadding: true }).encrypt(block),
      decrypt: (block) => ecb(key, { disablePadding: true }).decrypt(block),
    };
  }

  /** Undefined for a device that does not say which it is. */
  publicOf({ msisdn, instance }: Device): string | undefined {
    const urn = /^<(.+)>$/.exec(instance)?.[1];
    return urn === undefined ? undefined : `sip:${msisdn}@${this.#domain};gr=${escapeParam(urn)}`;
  }

  /** A new one; those of an older Call-ID of the device end (section 5.4). */
  temporaryOf(device: Device, callId: string): string {
    const key = keyOf(device);
    let known = this.#numbers.get(key);
    if (known?.callId !== callId) {
      this.forget(device);
      known = { callId, number: this.#next++, count: 0 };
      this.#numbers.set(key, known);
      this.#registrations.set(known.number, device);
    }
    known.count += 1;
    const block = new Uint8Array(16);
    const view = new DataView(block.buffer);
    view.setBigUint64(0, BigInt(known.number));
    view.setBigUint64(8, BigInt(known.count));
    return `sip:tgruu.${bytesToHex(this.#cipher.encrypt(block))}@${this.#domain};gr`;
  }

  /** The device is no longer registered: its temporary GRUUs are void. */
  forget(device: Device): void {
    const key = keyOf(device);
    const known = this.#numbers.get(key);
    if (known === undefined) return;
    this.#registrations.delete(known.number);
    this.#numbers.delete(key);
  }

  /** `unknown`: a GRUU of this domain that leads nowhere. Undefined: no GRUU. */
  resolve(uri: string): Device | 'unknown' | undefined {
    const parsed = gruu(uri, this.#domain);
    if (parsed === undefined) return undefined;
    const token = TEMPORARY.exec(parsed.user)?.[1];
    if (token !== undefined) return this.#ofToken(token);
    if (parsed.gr === undefined) return 'unknown';
    return { msisdn: unescapeUri(parsed.user), instance: `<${unescapeUri(parsed.gr)}>` };
  }

  #ofToken(token: string): Device | 'unknown' {
    const view = new DataView(Uint8Array.from(this.#cipher.decrypt(hexToBytes(token))).buffer);
    const device = this.#registrations.get(Number(view.getBigUint64(0)));
    const known = device === undefined ? undefined : this.#numbers.get(keyOf(device));
    const count = view.getBigUint64(8);
    return known !== undefined && count > 0n && count <= BigInt(known.count) ? device! : 'unknown';
  }
}

function gruu(uri: string, domain: string): { user: string; gr: string | undefined } | undefined {
  let parsed: ReturnType<typeof parseSipUri>;
  try {
    parsed = parseSipUri(uri);
  } catch {
    return undefined;
  }
  if (parsed.scheme === 'tel' || parsed.user === undefined || !parsed.params.has('gr')) return undefined;
  if (parsed.host.toLowerCase() !== domain.toLowerCase()) return undefined;
  return { user: parsed.user, gr: parsed.params.get('gr') };
}

/** RFC 3261 section 25.1: what a parameter of a URI may not hold goes in %HH. */
function escapeParam(text: string): string {
  return Array.from(new TextEncoder().encode(text), (octet) => {
    const character = String.fromCharCode(octet);
    return /[A-Za-z0-9\-_.!~*'()[\]/:&+$]/.test(character)
      ? character
      : `%${octet.toString(16).padStart(2, '0').toUpperCase()}`;
  }).join('');
}

function keyOf({ msisdn, instance }: Device): string {
  return `${msisdn} ${instance}`;
}
