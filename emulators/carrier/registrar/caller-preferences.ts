/** RFC 3841: which of a user's devices a caller wants, by Accept-Contact and Reject-Contact. */
import { percentDecode } from '../../../stack/rcs/capabilities/capabilities.ts';
import { headerValues } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import type { Tags } from './contact-tags.ts';

type Features = ReadonlyMap<string, ReadonlySet<string>>;

interface Wanted {
  readonly features: Features;
  readonly require: boolean;
  readonly explicit: boolean;
}

export interface CallerPreferences {
  readonly accept: readonly Wanted[];
  readonly reject: readonly Features[];
}

/** Throws SipParseError for what is no Accept-Contact or Reject-Contact. */
export function callerPreferences(request: SipRequest): CallerPreferences {
  const values = (name: string) =>
    headerValues(request, name).map((value) => parseNameAddr(value, name).params);
  return {
    accept: values('Accept-Contact').map((params) => ({
      features: featuresOf(params),
      require: params.has('require'),
      explicit: params.has('explicit'),
    })),
    reject: values('Reject-Contact').map(featuresOf),
  };
}

/** Section 7.2.4: how well a Contact fits, 0 to 1; undefined when the caller does not want it. */
export function fitness(preferences: CallerPreferences, contact: Tags): number | undefined {
  const offered = featuresOf(contact);
  if (preferences.reject.some((unwanted) => rejects(unwanted, offered))) return undefined;
  let sum = 0;
  for (const { features, require, explicit } of preferences.accept) {
    const terms = [...features];
    const contradicts = terms.some(
      ([name, values]) => offered.has(name) && !meets(values, offered.get(name)),
    );
    const met = terms.filter(([name, values]) => meets(values, offered.get(name))).length;
    const share = terms.length === 0 ? 1 : met / terms.length;
    if (require && (contradicts || (explicit && share < 1))) return undefined;
    sum += contradicts || (explicit && share < 1) ? 0 : share;
  }
  return preferences.accept.length === 0 ? 1 : sum / preferences.accept.length;
}

/** Section 7.2.3: only a Contact that says something about every feature that the caller does not want. */
function rejects(unwanted: Features, offered: Features): boolean {
  return unwanted.size > 0 && [...unwanted].every(([name, values]) => meets(values, offered.get(name)));
}

function meets(wanted: ReadonlySet<string>, offered: ReadonlySet<string> | undefined): boolean {
  if (offered === undefined) return false;
  return [...wanted].some((value) =>
    value.startsWith('!') ? !offered.has(value.slice(1)) : offered.has(value),
  );
}

const NO_FEATURES = new Set([
  'require',
  'explicit',
  'expires',
  'q',
  'reg-id',
  'pub-gruu',
  'temp-gruu',
  'tag',
]);

/** Values compare without case and percent-encoding (hazard R14); a tag without value is `true` (RFC 3840 section 9). */
function featuresOf(params: Tags): Features {
  const features = new Map<string, ReadonlySet<string>>();
  for (const [name, value] of params) {
    if (NO_FEATURES.has(name)) continue;
    const items = value === undefined ? ['true'] : value.split(',');
    features.set(name, new Set(items.map((item) => percentDecode(item.trim()).toLowerCase())));
  }
  return features;
}
