/** The error families of the MLS stack: bytes that are no encoding, and input that breaks a rule. */
import { type RequirementId, requirements } from './requirements.ts';

/** Bytes that are not an encoding of what was asked for (RFC 9420 section 2.1, RFC 8446 section 3). */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** From the start of the bytes given to the decoder. */
  readonly offset: number;
  /** Dotted path of the field, such as `LeafNode.capabilities.versions`. */
  readonly field: string;
  readonly expected: string;
  constructor(offset: number, field: string, expected: string, found: string) {
    super(`${field} at offset ${offset}: expected ${expected}, found ${found}`);
    this.offset = offset;
    this.field = field;
    this.expected = expected;
  }
}

/** A rule of RFC 9420 that the input, or the caller's own request, breaks. */
export class MlsError extends Error {
  override readonly name = 'MlsError';
  readonly requirement: RequirementId;
  /** RFC 9420 section. */
  readonly section: string;
  readonly field: string | undefined;
  constructor(requirement: RequirementId, detail?: string, field?: string) {
    const { section, text } = requirements[requirement];
    super(
      `${requirement} (RFC 9420 section ${section}): ${text}${detail === undefined ? '' : `; ${detail}`}`,
    );
    this.requirement = requirement;
    this.section = section;
    this.field = field;
  }
}

/** Throws MlsError unless `condition`. `detail` must hold no secret. */
export function ensure(
  condition: boolean,
  requirement: RequirementId,
  detail?: string | (() => string),
  field?: string,
): asserts condition {
  if (!condition) {
    throw new MlsError(requirement, typeof detail === 'function' ? detail() : detail, field);
  }
}
