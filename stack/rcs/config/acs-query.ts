/** The GET query of RCC.14 auto-configuration. Parameter names are case-sensitive; unknown ones are ignored. */

import { ConfigError } from './config-error.ts';

export interface AcsQuery {
  /** Stored version; 0 on first boot, negative as in VERS. Absent in the second request, which carries the OTP only. */
  readonly vers?: number;
  readonly rcsVersion?: string;
  /** `UP_2.4`, `joyn_blackbird`, ...; may occur more than once. */
  readonly rcsProfiles?: readonly string[];
  readonly clientVendor?: string;
  readonly clientVersion?: string;
  readonly terminalVendor?: string;
  readonly terminalModel?: string;
  readonly terminalSwVersion?: string;
  readonly provisioningVersion?: string;
  /** 0 unknown, 1 yes, 2 no. */
  readonly defaultSmsApp?: number;
  readonly rcsState?: number;
  /** `ap2001`, `ap2002`, ...: the documents wanted. */
  readonly apps?: readonly string[];
  readonly imsi?: string;
  readonly imei?: string;
  /** E.164 with `+`; off the operator's bearer only. */
  readonly msisdn?: string;
  /** Port of the OTP message; 0 asks for a text message. */
  readonly smsPort?: number;
  /** Empty: none stored, still sent. Absent: not sent, as on the operator's bearer. */
  readonly token?: string;
  readonly otp?: string;
}

interface Field {
  readonly key: keyof AcsQuery;
  readonly name: string;
  readonly kind: 'text' | 'integer' | 'list';
}

const FIELDS: readonly Field[] = [
  { key: 'vers', name: 'vers', kind: 'integer' },
  { key: 'rcsVersion', name: 'rcs_version', kind: 'text' },
  { key: 'rcsProfiles', name: 'rcs_profile', kind: 'list' },
  { key: 'clientVendor', name: 'client_vendor', kind: 'text' },
  { key: 'clientVersion', name: 'client_version', kind: 'text' },
  { key: 'terminalVendor', name: 'terminal_vendor', kind: 'text' },
  { key: 'terminalModel', name: 'terminal_model', kind: 'text' },
  { key: 'terminalSwVersion', name: 'terminal_sw_version', kind: 'text' },
  { key: 'provisioningVersion', name: 'provisioning_version', kind: 'text' },
  { key: 'defaultSmsApp', name: 'default_sms_app', kind: 'integer' },
  { key: 'rcsState', name: 'rcs_state', kind: 'integer' },
  { key: 'apps', name: 'app', kind: 'list' },
  { key: 'imsi', name: 'IMSI', kind: 'text' },
  { key: 'imei', name: 'IMEI', kind: 'text' },
  { key: 'msisdn', name: 'msisdn', kind: 'text' },
  { key: 'smsPort', name: 'SMS_port', kind: 'integer' },
  { key: 'token', name: 'token', kind: 'text' },
  { key: 'otp', name: 'OTP', kind: 'text' },
];

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));
const MAX_QUERY_LENGTH = 16 * 1024;
const MAX_PARAMETERS = 128;

/** The query string, without `?`, in the order of RCC.14's examples. */
export function acsQuery(query: AcsQuery): string {
  const pairs: string[] = [];
  for (const { key, name } of FIELDS) {
    const value = query[key];
    const values = value === undefined ? [] : typeof value === 'object' ? value : [String(value)];
    for (const each of values) {
      pairs.push(`${name}=${encodeURIComponent(each)}`);
    }
  }
  return pairs.join('&');
}

/** Reads the query of a URL, path or bare query string; throws ConfigError on a malformed or repeated parameter. */
export function parseAcsQuery(url: string): AcsQuery {
  const question = url.indexOf('?');
  const hash = url.indexOf('#');
  const start = question >= 0 ? question + 1 : /^[\w-]+=/.test(url) ? 0 : url.length;
  const text = url.slice(start, hash < 0 ? url.length : hash);
  if (text.length > MAX_QUERY_LENGTH) {
    throw new ConfigError('query', `at most ${MAX_QUERY_LENGTH} characters`);
  }
  const pairs = text.split('&', MAX_PARAMETERS + 1);
  if (pairs.length > MAX_PARAMETERS) {
    throw new ConfigError('query', `at most ${MAX_PARAMETERS} parameters`);
  }
  const query: Partial<Record<keyof AcsQuery, string | number | string[]>> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const field = BY_NAME.get(equals < 0 ? pair : pair.slice(0, equals));
    if (field === undefined) {
      continue;
    }
    const value = equals < 0 ? '' : decode(field, pair.slice(equals + 1));
    const before = query[field.key];
    if (field.kind === 'list') {
      query[field.key] = [...(Array.isArray(before) ? before : []), value];
      continue;
    }
    if (before !== undefined) {
      throw new ConfigError(field.name, 'one value');
    }
    query[field.key] = field.kind === 'integer' ? integer(field, value) : value;
  }
  return query as AcsQuery;
}

/** The host of RCC.14 auto-configuration; both codes are padded to three digits. */
export function acsHost(mcc: string | number, mnc: string | number): string {
  const pad = (code: string | number) => String(code).padStart(3, '0');
  return `config.rcs.mnc${pad(mnc)}.mcc${pad(mcc)}.pub.3gppnetwork.org`;
}

function decode(field: Field, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new ConfigError(field.name, 'valid percent-encoding of UTF-8');
  }
}

function integer(field: Field, value: string): number {
  if (!/^-?\d{1,10}$/.test(value)) {
    throw new ConfigError(field.name, 'an integer');
  }
  return Number(value);
}
