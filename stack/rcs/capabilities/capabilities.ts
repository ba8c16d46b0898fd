/**
 * RFC 3840 feature tags of a Contact or Accept-Contact, read into services and written for a profile. Hazards are
 * those of docs/rcs-signalling.md.
 */

import {
  type FeatureTag,
  IARI_PREFIX,
  IARI_TAG,
  ICSI_PREFIX,
  ICSI_TAG,
  type Profile,
  SERVICE_TAGS,
  VALUE_TAGS,
} from './feature-tags.ts';

export type Service = keyof typeof SERVICE_TAGS;
type Valued = keyof typeof VALUE_TAGS;

/** What a client or its network says it can do: a flag for each row of SERVICE_TAGS, a value for each of VALUE_TAGS. */
export interface Capabilities extends Readonly<Record<Service, boolean>> {
  readonly botVersion?: string;
  readonly mlsVersion?: string;
  readonly mlsKds?: string;
  readonly mlsLaunchIteration?: string;
  readonly psDataOff?: string;
  /** A value was cut off inside its quotes or a percent code (hazard R16): don't let it replace a richer recent set. */
  readonly truncated: boolean;
  /** The parameters as received; empty when made by hand. */
  readonly raw: ReadonlyMap<string, string | undefined>;
}

const SERVICES = Object.keys(SERVICE_TAGS) as Service[];
const VALUED = Object.keys(VALUE_TAGS) as Valued[];
/** More of anything than this is ignored. */
const MAX_PARAMETERS = 256;
const MAX_LIST_VALUES = 256;

/** By the whole tag, or by the URN in an ICSI or IARI list. */
const SERVICES_BY_TAG = new Map<string, Service[]>();
for (const service of SERVICES) {
  for (const tag of SERVICE_TAGS[service] as readonly FeatureTag[]) {
    const key = wireName(tag);
    SERVICES_BY_TAG.set(key, [...(SERVICES_BY_TAG.get(key) ?? []), service]);
  }
}
const VALUED_BY_TAG: ReadonlyMap<string, Valued> = new Map(VALUED.map((key) => [VALUE_TAGS[key].name, key]));

/** No service at all; spread it to make capabilities by hand. */
export const NO_CAPABILITIES: Capabilities = {
  ...(Object.fromEntries(SERVICES.map((service) => [service, false])) as Record<Service, boolean>),
  truncated: false,
  raw: new Map(),
};

/**
 * Reads Contact parameters, names in any case, values with or without quotes. Lists are percent-decoded, case-folded
 * and joined over repeated and differently cased tags (hazards R13, R14); unknown values are ignored (hazard R48).
 * Never throws.
 */
export function capabilitiesFromContact(params: ReadonlyMap<string, string | undefined>): Capabilities {
  const services: Partial<Record<Service, boolean>> = {};
  const values: { -readonly [K in Valued]?: string } = {};
  let truncated = false;
  let budget = MAX_PARAMETERS;
  const has = (tag: string) => {
    for (const service of SERVICES_BY_TAG.get(tag) ?? []) {
      services[service] = true;
    }
  };
  for (const [name, written] of params) {
    if (--budget < 0) {
      break;
    }
    const tag = name.trim().toLowerCase();
    const list = tag === ICSI_TAG || tag === IARI_TAG;
    const valued = VALUED_BY_TAG.get(tag);
    if (!list && valued === undefined && !SERVICES_BY_TAG.has(tag)) {
      continue;
    }
    truncated ||= written !== undefined && hasCutEnd(written);
    const value = bare(written ?? '');
    if (list) {
      for (const item of value.split(',', MAX_LIST_VALUES)) {
        const urn = percentDecode(item.trim()).toLowerCase();
        if (urn.startsWith('urn:')) {
          has(urn);
        }
      }
    } else if (valued !== undefined) {
      if (value !== '') {
        values[valued] ??= value;
      }
    } else if (!/^!?false$/i.test(value)) {
      has(tag);
    }
  }
  return { ...NO_CAPABILITIES, ...services, ...values, truncated, raw: new Map(params) };
}

/**
 * The Contact parameters with which a client of `profile` announces `capabilities`, in table order: one ICSI list, one
 * IARI list (values percent-encoded, unquoted), then single tags. Services that the profile has no tag for are left out.
 */
export function contactParams(
  capabilities: Capabilities,
  profile: Profile = '3.0',
): [string, string | undefined][] {
  const icsi: string[] = [];
  const iari: string[] = [];
  const single: [string, string | undefined][] = [];
  for (const service of SERVICES) {
    if (!capabilities[service]) {
      continue;
    }
    for (const tag of SERVICE_TAGS[service] as readonly FeatureTag[]) {
      if (!tag.profiles.includes(profile)) {
        continue;
      }
      if (tag.kind === 'icsi') {
        icsi.push(icsiRef(tag.name));
      } else if (tag.kind === 'iari') {
        iari.push(iariRef(tag.name));
      } else {
        single.push([tag.name, undefined]);
      }
    }
  }
  for (const key of VALUED) {
    const value = capabilities[key];
    if (value !== undefined && (VALUE_TAGS[key].profiles as readonly Profile[]).includes(profile)) {
      single.push([VALUE_TAGS[key].name, value]);
    }
  }
  const lists: [string, string | undefined][] = [];
  if (icsi.length > 0) {
    lists.push([ICSI_TAG, icsi.join(',')]);
  }
  if (iari.length > 0) {
    lists.push([IARI_TAG, iari.join(',')]);
  }
  return [...lists, ...single];
}

/** `urn%3Aurn-7%3A3gpp-service.ims.icsi.<suffix>`, as it stands in an ICSI list. */
export function icsiRef(suffix: string): string {
  return `${ICSI_PREFIX}${suffix}`.replaceAll(':', '%3A');
}

/** `urn%3Aurn-7%3A3gpp-application.ims.iari.<suffix>`, as it stands in an IARI list. */
export function iariRef(suffix: string): string {
  return `${IARI_PREFIX}${suffix}`.replaceAll(':', '%3A');
}

/** Percent codes decoded; text that isn't percent-encoded UTF-8 stays as it is. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) {
    return text;
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wireName(tag: FeatureTag): string {
  return tag.kind === 'icsi'
    ? ICSI_PREFIX + tag.name
    : tag.kind === 'iari'
      ? IARI_PREFIX + tag.name
      : tag.name;
}

/** Without quotes, balanced or not, and the `<>` of an RFC 3840 string value. */
function bare(value: string): string {
  const text = value.replaceAll('"', '').trim();
  return text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1).trim() : text;
}

function hasCutEnd(value: string): boolean {
  return value.split('"').length % 2 === 0 || /%[0-9A-Fa-f]?$/.test(value);
}
