/**
 * CPIM message format (RFC 3862): message headers, an empty line, MIME headers, an empty line, content. Parsing is
 * liberal about what peers are known to get wrong (hazards R38 to R42) and names each deviation; what was parsed is
 * written again byte for byte, unknown headers included (hazard R37). Hazards are those of docs/rcs-signalling.md.
 */

export { contentHeader, cpimContent } from './cpim/content.ts';
export { cpimHeader, cpimHeaders } from './cpim/headers.ts';
export {
  ANONYMOUS_URI,
  CPIM_LIMITS,
  CPM_NAMESPACE,
  type CpimHeader,
  type CpimLimits,
  type CpimMessage,
  CpimParseError,
  IMDN_NAMESPACE,
  MLS_NAMESPACE,
} from './cpim/message.ts';
export { parseCpim } from './cpim/parse.ts';
export { buildCpim, type CpimParts, writeCpim } from './cpim/write.ts';
