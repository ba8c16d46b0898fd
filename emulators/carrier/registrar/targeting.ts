/** Which devices of a subscriber a request is for: the one of a GRUU (RFC 5627), or those the caller wants (RFC 3841). */
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import type { Binding, KnownDevice } from './bindings.ts';
import { callerPreferences, fitness } from './caller-preferences.ts';

export interface Targeting {
  /** The flow to each device that is wanted, the best fit first, then the newest. Takes the newest first. */
  bindings(newestFirst: readonly Binding[]): Binding[];
  /** Devices that are wanted, in their order. */
  devices(known: readonly KnownDevice[]): KnownDevice[];
}

/** `device`: the `+sip.instance` that a GRUU in the Request-URI stands for. Throws SipParseError. */
export function targeting(request: SipRequest, device: string | undefined): Targeting {
  const preferences = callerPreferences(request);
  const fitOf = ({ instance, tags }: KnownDevice): number | undefined => {
    if (device !== undefined && device !== instance) return undefined;
    return fitness(preferences, new Map([...tags, ['+sip.instance', instance]]));
  };
  return {
    bindings: (newestFirst) => {
      const seen = new Set<string>();
      const wanted: { binding: Binding; fitness: number }[] = [];
      for (const binding of newestFirst) {
        const value = seen.has(binding.instance) ? undefined : fitOf(binding);
        seen.add(binding.instance);
        if (value !== undefined) wanted.push({ binding, fitness: value });
      }
      return wanted.sort((a, b) => b.fitness - a.fitness).map(({ binding }) => binding);
    },
    devices: (known) => known.filter((one) => fitOf(one) !== undefined),
  };
}

/** The device in a pub-GRUU, as `+sip.instance` has it; undefined for every other URI. */
export function deviceInUri(uri: string): string | undefined {
  const gr = /;gr=([^;?]+)/i.exec(uri)?.[1];
  return gr === undefined ? undefined : `<${decoded(gr)}>`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
