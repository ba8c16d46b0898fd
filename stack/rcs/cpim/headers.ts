/** RFC 3862 3.4: looking up message headers by namespace and local name. Hazards: docs/rcs-signalling.md. */

import type { CpimHeader, CpimMessage } from './message.ts';

/**
 * The value of the first header `localName` in the namespace `namespaceUri`, whatever prefix NS binds to it (RFC 3862
 * 3.4); with undefined, of the first header written without a prefix. Names are compared without case (hazard R40).
 */
export function cpimHeader(
  message: Pick<CpimMessage, 'headers'>,
  namespaceUri: string | undefined,
  localName: string,
): string | undefined {
  return cpimHeaders(message, namespaceUri, localName)[0];
}

/** As cpimHeader, every value in order. */
export function cpimHeaders(
  message: Pick<CpimMessage, 'headers'>,
  namespaceUri: string | undefined,
  localName: string,
): string[] {
  const wanted = localName.toLowerCase();
  const uri = namespaceUri?.toLowerCase();
  const values: string[] = [];
  let bindings: Map<string, string> | undefined;
  for (const { name, value } of message.headers) {
    const folded = name.toLowerCase();
    if (uri === undefined) {
      if (folded === wanted) {
        values.push(value);
      }
      continue;
    }
    if (folded === 'ns') {
      bindings ??= initialBindings(message.headers);
      const binding = parseNs(value);
      if (binding !== undefined) {
        bindings.set(binding.prefix, binding.uri);
      }
      continue;
    }
    if (!folded.endsWith(wanted)) {
      continue;
    }
    const dot = folded.length - wanted.length - 1;
    if (dot > 0 ? folded[dot] !== '.' : dot === 0) {
      continue;
    }
    bindings ??= initialBindings(message.headers);
    if (bindings.get(dot < 0 ? '' : folded.slice(0, dot)) === uri) {
      values.push(value);
    }
  }
  return values;
}

/** `prefix <uri>`, `<uri>`, and `prefix<uri>` (hazard R38); both folded to lower case. */
function parseNs(value: string): { prefix: string; uri: string } | undefined {
  const open = value.indexOf('<');
  if (open < 0) {
    return undefined;
  }
  const close = value.indexOf('>', open);
  return {
    prefix: value.slice(0, open).trim().toLowerCase(),
    uri: value
      .slice(open + 1, close < 0 ? value.length : close)
      .trim()
      .toLowerCase(),
  };
}

/** For prefixes used before their NS header: the first binding anywhere. */
function initialBindings(headers: readonly CpimHeader[]): Map<string, string> {
  const bindings = new Map<string, string>();
  for (const header of headers) {
    const binding = header.name.toLowerCase() === 'ns' ? parseNs(header.value) : undefined;
    if (binding !== undefined && !bindings.has(binding.prefix)) {
      bindings.set(binding.prefix, binding.uri);
    }
  }
  return bindings;
}
