/**
 * All that a carrier keeps in its store (stack/platform.ts), by key. Parts are percent-encoded, so that `/` only ever
 * divides them; numbers that order have 16 digits. Records are a line of JSON and octets (record.ts).
 *
 *     lasting-secret                      32 octets: what is the same in every life of the carrier follows from it
 *     binding/MSISDN/INSTANCE/REG-ID      a registration: Contact, flow, Call-ID, CSeq, expiry
 *     device/MSISDN/INSTANCE              a device that was registered at some time, with its feature tags
 *     message/N                           a message accepted for an own subscriber, and who of its devices has it
 *     recent/DIGEST                       the answer to a message: one that comes again is not taken again
 *     border/N                            a message accepted for a subscriber of a peer that was not there
 *     sms/N                               a short message or report on its way
 *     sms-taken/DIGEST, sms-unit/DIGEST   answers to short messages of phones and peers that may come again
 *     sms-report/DIGEST                   a status report that the network itself waits for
 *     sms-references                      the numbers that the next short messages get
 *     acs/session/COOKIE                  what stands behind the cookie of a first request for configuration
 *     acs/token/MSISDN                    digests of the configuration tokens that a number has
 *     kds/token/TOKEN                     the subscriber to whom a KDS token was given
 *     kds/device/MSISDN/DEVICE            a device that has published KeyPackages
 *     kds/one-time/MSISDN/DEVICE/N        a KeyPackage that nobody was given yet
 *     kds/last-resort/MSISDN/DEVICE       the one for when these are used up
 *     kds/given/MSISDN/DEVICE/DIGEST      a one-time KeyPackage that was handed out: never again
 *
 * Nonces are not kept: who held one is asked with a new one.
 */
import { hash } from 'node:crypto';

export function storeKey(...parts: readonly (string | number)[]): string {
  return parts
    .map((part) => (typeof part === 'number' ? String(part).padStart(16, '0') : encodeURIComponent(part)))
    .join('/');
}

/** The parts of a key, as they were. */
export function keyParts(key: string): string[] {
  return key.split('/').map(decodeURIComponent);
}

/** 32 hexadecimal digits that stand for `text` in a key: of bounded length, whatever a peer sent. */
export function digestOf(text: string | Uint8Array): string {
  return hash('sha256', text).slice(0, 32);
}
