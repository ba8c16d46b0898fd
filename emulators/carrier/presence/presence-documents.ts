/** What the network can say about the presence of its own subscribers (docs/rcs-signalling.md 3.2). */

import {
  type FeatureTag,
  IARI_TAG,
  ICSI_TAG,
  MLS_TAGS,
  SERVICE_TAGS,
  VALUE_TAGS,
} from '../../../stack/rcs/capabilities/feature-tags.ts';
import {
  type Capabilities,
  capabilitiesFromContact,
  iariRef,
  icsiRef,
  NO_CAPABILITIES,
} from '../../../stack/rcs/capabilities/index.ts';
import { stripTags } from '../../../stack/rcs/capabilities/strip-tags.ts';
import { EventBodyError } from '../../../stack/rcs/event-packages/document.ts';
import { type Pidf, readPidf } from '../../../stack/rcs/event-packages/pidf.ts';
import {
  capabilitiesFromPidf,
  capabilitiesToPidf,
} from '../../../stack/rcs/event-packages/service-descriptions.ts';
import type { EventState } from '../../../stack/rcs/sip/event-state.ts';
import type { CarrierConfig } from '../config.ts';
import { routeNumber } from '../numbering.ts';
import type { Bindings } from '../registrar/bindings.ts';

export interface PresenceSources {
  readonly config: CarrierConfig;
  readonly bindings: Bindings;
  readonly published: EventState;
}

/**
 * The document of a subscriber: what it published last, or else what it registered: open while it can be reached, closed
 * when it is away. Undefined for someone who is no RCS user here.
 */
export function presenceOf(
  msisdn: string,
  { config, bindings, published }: PresenceSources,
): Pidf | undefined {
  const route = routeNumber(config, msisdn);
  const known = bindings.known(msisdn).at(-1);
  if (route.kind !== 'local' || !route.subscriber.rcs || known === undefined) return undefined;
  const own = published.of(msisdn, 'presence').at(-1);
  const said = own && capabilitiesFromPidf(readPidf(own.body)).capabilities;
  const capabilities = said ?? capabilitiesFromContact(new Map(known.tags));
  const basic = bindings.reachable(msisdn).length > 0 ? 'open' : 'closed';
  // As at REGISTER: a UP 3.0 network without E2EE lets nobody announce MLS.
  const refused = config.universalProfile === '3.0' && !config.e2ee.enabled ? MLS_TAGS : [];
  return capabilitiesToPidf(`tel:${msisdn}`, withoutTags(capabilities, refused), { basic });
}

/** A document from across a border that takes feature tags away: the same services go from it (hazard R15). */
export function withoutServices(document: Uint8Array, tags: readonly string[]): Pidf | undefined {
  try {
    const pidf = readPidf(document);
    const { capabilities, online } = capabilitiesFromPidf(pidf);
    const basic = online ? 'open' : 'closed';
    return capabilitiesToPidf(pidf.entity, withoutTags(capabilities, tags), { basic });
  } catch (error) {
    if (error instanceof EventBodyError) return undefined;
    throw error;
  }
}

/** What is left when a network takes these tags out of every Contact: a service goes when none of its tags is left. */
function withoutTags(capabilities: Capabilities, tags: readonly string[]): Capabilities {
  const isLeft = (tag: FeatureTag): boolean => stripTags([asParameter(tag)], tags).size > 0;
  const gone = [
    ...Object.entries(SERVICE_TAGS).filter(([, all]) => !(all as readonly FeatureTag[]).some(isLeft)),
    ...Object.entries(VALUE_TAGS).filter(([, tag]) => !isLeft(tag)),
  ].map(([name]) => name);
  const left = Object.entries(capabilities).filter(([name]) => !gone.includes(name));
  return { ...NO_CAPABILITIES, ...Object.fromEntries(left) };
}

function asParameter({ kind, name }: FeatureTag): readonly [string, string | undefined] {
  if (kind === 'icsi') return [ICSI_TAG, icsiRef(name)];
  return kind === 'iari' ? [IARI_TAG, iariRef(name)] : [name, undefined];
}
