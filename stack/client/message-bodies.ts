/** The CPIM bodies that this client writes and reads: text, receipts, and both wrapped for RCC.16. */
import { fromBase64, toBase64 } from '../e2ee/base64.ts';
import {
  DERIVED_CONTENT_SIGNATURE,
  EPOCH_AUTHENTICATOR,
  ERA_ID,
  MLS_MESSAGE,
  MLS_SERVER_CONTROL,
} from '../e2ee/media-types.ts';
import {
  ANONYMOUS_URI,
  buildCpim,
  type CpimMessage,
  cpimHeader,
  IMDN_NAMESPACE,
  MLS_NAMESPACE,
} from '../rcs/cpim.ts';
import { IMDN_CONTENT_TYPE, type Imdn, writeImdn } from '../rcs/imdn.ts';

export const TEXT = 'text/plain;charset=UTF-8';

/** In 1-1 the true identity is P-Asserted-Identity, and CPIM names nobody. */
const NOBODY = { from: ANONYMOUS_URI, to: ANONYMOUS_URI } as const;
const IMDN_NS = { prefix: 'imdn', uri: IMDN_NAMESPACE };
const MLS_NS = { prefix: 'mls', uri: MLS_NAMESPACE };

interface Envelope {
  readonly messageId: string;
  /** RFC 3339. */
  readonly dateTime: string;
}

export function textBody({ messageId, dateTime }: Envelope, text: string): Uint8Array {
  return buildCpim({
    ...NOBODY,
    namespaces: [IMDN_NS],
    messageId,
    dateTime,
    dispositions: ['positive-delivery', 'display'],
    contentType: TEXT,
    content: new TextEncoder().encode(text),
  });
}

export interface SealedContent {
  readonly message: Uint8Array;
  readonly era: number;
  readonly epochAuthenticator: Uint8Array;
}

export function sealedBody({ messageId, dateTime }: Envelope, sealed: SealedContent): Uint8Array {
  return buildCpim({
    ...NOBODY,
    namespaces: [IMDN_NS, MLS_NS],
    messageId,
    dateTime,
    dispositions: ['positive-delivery', 'negative-delivery', 'display'],
    extraHeaders: [
      { name: `mls.${ERA_ID}`, value: String(sealed.era) },
      { name: `mls.${EPOCH_AUTHENTICATOR}`, value: toBase64(sealed.epochAuthenticator) },
    ],
    contentType: MLS_MESSAGE,
    content: sealed.message,
    base64: true,
  });
}

/** A raw Welcome under the server-control type, as the reference client sends it (docs/rcc16.md 4.1). */
export function welcomeBody({ messageId, dateTime }: Envelope, welcome: Uint8Array): Uint8Array {
  return buildCpim({
    ...NOBODY,
    namespaces: [IMDN_NS],
    messageId,
    dateTime,
    contentType: MLS_SERVER_CONTROL,
    content: welcome,
    base64: true,
  });
}

/** A receipt; on an encrypted conversation with its signature and era, never with an Epoch-Authenticator. */
export function receiptBody(
  { messageId, dateTime }: Envelope,
  imdn: Imdn,
  signed?: { readonly signature: Uint8Array; readonly era: number },
): Uint8Array {
  return buildCpim({
    ...NOBODY,
    namespaces: signed ? [IMDN_NS, MLS_NS] : [IMDN_NS],
    messageId,
    dateTime,
    extraHeaders: signed
      ? [
          { name: `mls.${DERIVED_CONTENT_SIGNATURE}`, value: toBase64(signed.signature) },
          { name: `mls.${ERA_ID}`, value: String(signed.era) },
        ]
      : [],
    contentType: IMDN_CONTENT_TYPE,
    contentDisposition: 'notification',
    content: writeImdn(imdn),
  });
}

/** Era and authenticator of a sealed message; undefined without either: it is then dropped unread (RCC.16 7.9). */
export function sealedHeaders(
  cpim: CpimMessage,
): { readonly era: number; readonly epochAuthenticator: Uint8Array } | undefined {
  const era = cpimHeader(cpim, MLS_NAMESPACE, ERA_ID);
  const authenticator = cpimHeader(cpim, MLS_NAMESPACE, EPOCH_AUTHENTICATOR);
  if (era === undefined || !/^\d{1,10}$/.test(era) || authenticator === undefined) return undefined;
  const epochAuthenticator = fromBase64(authenticator);
  return epochAuthenticator && { era: Number(era), epochAuthenticator };
}

export function receiptSignature(cpim: CpimMessage): Uint8Array | undefined {
  const value = cpimHeader(cpim, MLS_NAMESPACE, DERIVED_CONTENT_SIGNATURE);
  return value === undefined ? undefined : fromBase64(value);
}

export function messageIdOf(cpim: CpimMessage): string | undefined {
  return cpimHeader(cpim, IMDN_NAMESPACE, 'Message-ID');
}

/** What the sender asked to be told. */
export function dispositionsOf(cpim: CpimMessage): readonly string[] {
  const value = cpimHeader(cpim, IMDN_NAMESPACE, 'Disposition-Notification') ?? '';
  return value.split(',').map((part) => part.trim().toLowerCase());
}
