/** RFC 9420 sections 13.3 to 13.5 and 11.1: extensions; unknown ones are carried untouched. */
import { ensure } from './errors.ts';
import type { Reader } from './reader.ts';
import { decodeAll } from './reader.ts';
import type { Writer } from './writer.ts';

/** Section 17.3. */
export const extensionType = {
  applicationId: 1,
  ratchetTree: 2,
  requiredCapabilities: 3,
  externalPub: 4,
  externalSenders: 5,
  /** draft-ietf-mls-extensions: in a KeyPackage that may be used more than once. */
  lastResort: 0x000a,
} as const;

export interface Extension {
  readonly type: number;
  /** extension_data without its length. */
  readonly data: Uint8Array;
}

export interface RequiredCapabilities {
  readonly extensionTypes: readonly number[];
  readonly proposalTypes: readonly number[];
  readonly credentialTypes: readonly number[];
}

export function writeExtension(writer: Writer, extension: Extension): void {
  writer.u16(extension.type).opaque(extension.data);
}

export function readExtension(reader: Reader): Extension {
  return { type: reader.u16('Extension.extension_type'), data: reader.opaque('Extension.extension_data') };
}

export function writeExtensions(writer: Writer, extensions: readonly Extension[]): void {
  writer.vector(extensions, writeExtension);
}

export function readExtensions(reader: Reader): Extension[] {
  return reader.vector('extensions', readExtension);
}

export function findExtension(extensions: readonly Extension[], type: number): Extension | undefined {
  return extensions.find((extension) => extension.type === type);
}

/** Section 13.4. */
export function ensureDistinctExtensions(extensions: readonly Extension[], field: string): void {
  const types = new Set(extensions.map((extension) => extension.type));
  ensure(types.size === extensions.length, 'RFC9420-13.4-1', undefined, field);
}

/** Extension and proposal types up to 5 and 7 are those of RFC 9420 itself and are never listed in capabilities. */
export function isDefaultExtension(type: number): boolean {
  return type >= 1 && type <= 5;
}

export function writeTypes(writer: Writer, types: readonly number[]): void {
  writer.vector(types, (w, type) => w.u16(type));
}

export function readTypes(reader: Reader, field: string): number[] {
  return reader.vector(field, (r) => r.u16(field));
}

export function writeRequiredCapabilities(writer: Writer, required: RequiredCapabilities): void {
  writeTypes(writer, required.extensionTypes);
  writeTypes(writer, required.proposalTypes);
  writeTypes(writer, required.credentialTypes);
}

/** The group's required_capabilities; undefined when it has none. DecodeError when malformed. */
export function requiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities | undefined {
  const extension = findExtension(extensions, extensionType.requiredCapabilities);
  if (extension === undefined) return undefined;
  return decodeAll(extension.data, 'RequiredCapabilities', (reader) => ({
    extensionTypes: readTypes(reader, 'RequiredCapabilities.extension_types'),
    proposalTypes: readTypes(reader, 'RequiredCapabilities.proposal_types'),
    credentialTypes: readTypes(reader, 'RequiredCapabilities.credential_types'),
  }));
}
