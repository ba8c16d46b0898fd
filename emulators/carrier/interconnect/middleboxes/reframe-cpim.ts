/** Hazards R36 to R40 and R42 of docs/rcs-signalling.md: gateways that write the CPIM envelope anew in their own way. */
import {
  type CpimHeader,
  type CpimMessage,
  CpimParseError,
  IMDN_NAMESPACE,
  parseCpim,
  writeCpim,
} from '../../../../stack/rcs/cpim.ts';
import { essenceOf } from '../../../../stack/rcs/mime.ts';
import { header } from '../../../../stack/rcs/sip/headers.ts';
import type { SipMessage } from '../../../../stack/rcs/sip/message.ts';

/** The first five leave the meaning as it is; the last three don't. */
export const CPIM_CHANGES = [
  /** From and To name the gateway (R36). */
  'parties',
  /** `NS: imdn<urn...>`, without the space (R38). */
  'namespace-space',
  /** Other prefixes for the same namespaces (R39). */
  'prefixes',
  /** Prefixed names in lower case (R40). */
  'name-case',
  /** `Text/Plain`, and a charset on every type (R42). */
  'media-type',
  /** Everything outside the imdn namespace goes (R40). */
  'imdn-only',
  /** A Message-ID of the gateway's own (R37). */
  'message-id',
  /** The time of passing instead of the time of sending (R37). */
  'date-time',
] as const;
export type CpimChange = (typeof CPIM_CHANGES)[number];

/** `now` is epoch milliseconds. Messages without CPIM, and such as can't be read, pass as they are. */
export function reframeCpim<M extends SipMessage>(
  message: M,
  changes: readonly CpimChange[],
  now: number,
): M {
  if (essenceOf(header(message, 'Content-Type')) !== 'message/cpim' || message.body.length === 0)
    return message;
  let cpim: CpimMessage;
  try {
    cpim = parseCpim(message.body);
  } catch (error) {
    if (error instanceof CpimParseError) return message;
    throw error;
  }
  const changed = changes.reduce((given, change) => CHANGE[change](given, now), cpim);
  return { ...message, body: writeCpim(changed) };
}

const CHANGE: Readonly<Record<CpimChange, (cpim: CpimMessage, now: number) => CpimMessage>> = {
  parties: (cpim) =>
    withHeaders(cpim, (field) =>
      /^(from|to)$/i.test(field.name) ? { ...field, value: '<sip:anonymous@gateway.invalid>' } : field,
    ),
  'namespace-space': (cpim) =>
    withHeaders(cpim, (field) =>
      isNs(field) ? { ...field, value: field.value.replace(/\s+</, '<') } : field,
    ),
  prefixes: (cpim) => {
    const prefixes = boundPrefixes(cpim);
    return withHeaders(cpim, (field) => {
      const [prefix = '', ...rest] = isNs(field) ? [prefixOf(field)] : field.name.split('.');
      const index = prefixes.indexOf(prefix.toLowerCase());
      if (index < 0) return field;
      const renamed = `n${index + 1}`;
      return isNs(field)
        ? { ...field, value: `${renamed} ${field.value.slice(field.value.indexOf('<'))}` }
        : { ...field, name: [renamed, ...rest].join('.') };
    });
  },
  'name-case': (cpim) =>
    withHeaders(cpim, (field) =>
      field.name.includes('.') ? { ...field, name: field.name.toLowerCase() } : field,
    ),
  'media-type': (cpim) => ({ ...cpim, contentHeaders: cpim.contentHeaders.map(shoutedType) }),
  'imdn-only': (cpim) => {
    const imdn = cpim.headers.find((field) => isNs(field) && field.value.includes(`<${IMDN_NAMESPACE}>`));
    const kept = imdn && prefixOf(imdn).toLowerCase();
    return {
      ...cpim,
      headers: cpim.headers.filter((field) =>
        isNs(field)
          ? field === imdn
          : !field.name.includes('.') || field.name.split('.')[0]!.toLowerCase() === kept,
      ),
    };
  },
  'message-id': (cpim) =>
    withHeaders(cpim, (field) =>
      /\.message-id$/i.test(field.name) ? { ...field, value: `gw-${field.value}` } : field,
    ),
  'date-time': (cpim, now) =>
    withHeaders(cpim, (field) =>
      /^datetime$/i.test(field.name) ? { ...field, value: new Date(now).toISOString() } : field,
    ),
};

function withHeaders(cpim: CpimMessage, change: (field: CpimHeader) => CpimHeader): CpimMessage {
  return {
    ...cpim,
    headers: cpim.headers.map((field) => (field.line === undefined ? change(field) : field)),
  };
}

function isNs({ name }: CpimHeader): boolean {
  return name.toLowerCase() === 'ns';
}

function prefixOf({ value }: CpimHeader): string {
  return value.slice(0, Math.max(0, value.indexOf('<'))).trim();
}

function boundPrefixes(cpim: CpimMessage): string[] {
  return cpim.headers.filter(isNs).map((field) => prefixOf(field).toLowerCase());
}

function shoutedType(field: CpimHeader): CpimHeader {
  if (field.name.toLowerCase() !== 'content-type') return field;
  const [type = '', ...parameters] = field.value.split(';');
  const shouted = type.replace(/(^|\/)[a-z]/g, (initial) => initial.toUpperCase());
  const charset = parameters.some((parameter) => /^\s*charset=/i.test(parameter)) ? [] : ['charset=UTF-8'];
  return { ...field, value: [shouted, ...parameters, ...charset].join(';') };
}
