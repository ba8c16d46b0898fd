/** What VERS and TOKEN of a received document make a client do (RCC.14; docs/rcs-signalling.md 1.5). */

import { applications, type ConfigDocument, findParm } from './config-document.ts';
import { ConfigError } from './config-error.ts';
import { integer } from './integer.ts';

/**
 * - `store`: use the document, query again after its validity
 * - `unchanged`: keep what is stored, start its validity again (hazard R69 in docs/rcs-signalling.md)
 * - `wipe`: forget the stored document; may query again at the next trigger
 * - `wipe-and-stop`: forget it and don't query until the SIM changes or the device is reset
 * - `disabled`: no queries until the user switches RCS on
 * - `dormant`: RCS off, what is stored is kept, queries go on
 */
export type ConfigAction = 'store' | 'unchanged' | 'wipe' | 'wipe-and-stop' | 'disabled' | 'dormant';

/** VERS/version. Throws ConfigError when it is missing or below -3. */
export function configVersion(document: ConfigDocument): number {
  const text = findParm(document, undefined, 'VERS/version')?.trim();
  if (text === undefined || !/^-?\d{1,10}$/.test(text) || Number(text) < -3) {
    throw new ConfigError('VERS/version', 'an integer of at least -3');
  }
  return Number(text);
}

/** VERS/validity in seconds; 0 when it is missing or negative, as documents that switch RCS off have it. */
export function configValidity(document: ConfigDocument): number {
  return Math.max(0, integer(findParm(document, undefined, 'VERS/validity'), 'VERS/validity', -1) ?? 0);
}

export interface ConfigToken {
  readonly value: string;
  readonly validitySeconds?: number;
}

/** The token that the ACS hands out off the operator's bearer. */
export function configToken(document: ConfigDocument): ConfigToken | undefined {
  const value = findParm(document, undefined, 'TOKEN/token');
  if (!value) {
    return undefined;
  }
  const validity = integer(findParm(document, undefined, 'TOKEN/validity'), 'TOKEN/validity', 0);
  return { value, ...(validity === undefined ? {} : { validitySeconds: validity }) };
}

/** VERS/version of each way to say no. */
export const VERSION_OF = { wipe: 0, 'wipe-and-stop': -1, disabled: -2, dormant: -3 } as const;

/**
 * `storedVersion` is that of the document in use, 0 when there is none. A positive version without any APPLICATION
 * never resets anything. Throws ConfigError when VERS/version is missing or unknown.
 */
export function configAction(document: ConfigDocument, storedVersion: number): ConfigAction {
  const version = configVersion(document);
  switch (version) {
    case 0:
      return 'wipe';
    case -1:
      return 'wipe-and-stop';
    case -2:
      return 'disabled';
    case -3:
      return 'dormant';
  }
  if (applications(document).length > 0) {
    return 'store';
  }
  if (storedVersion <= 0) {
    throw new ConfigError('document', 'APPLICATION characteristics, as nothing is stored yet');
  }
  return 'unchanged';
}
