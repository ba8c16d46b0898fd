/** What VERS of a document does to what is stored (docs/rcs-signalling.md 1.5). */
import {
  type ConfigDocument,
  configAction,
  configToken,
  configValidity,
  parseConfigDocument,
  type RcsConfig,
  readRcsConfig,
} from '../../rcs/config/index.ts';
import { MIN_VALIDITY_MS } from './limits.ts';
import type { ProvisioningOutcome } from './outcome.ts';
import type { StoredConfiguration } from './stored-configuration.ts';

export interface RunResult {
  readonly outcome: ProvisioningOutcome;
  /** When to ask again unasked; never when absent. */
  readonly againInMs?: number;
}

/** Throws ConfigError, and changes nothing, for what is no document that could be used. */
export function adoptDocument(stored: StoredConfiguration, bytes: Uint8Array): RunResult {
  const document = parseConfigDocument(bytes);
  const before = stored.config;
  const action = configAction(document, before?.version ?? 0);
  const again = validityOf(document);
  switch (action) {
    case 'store': {
      const config = readRcsConfig(document);
      stored.keep(bytes);
      keepToken(stored, document);
      const changed = before === undefined || settingsOf(before) !== settingsOf(config);
      return { outcome: { kind: 'configured', config, changed }, ...again };
    }
    case 'unchanged':
      stored.stand('on');
      keepToken(stored, document);
      return { outcome: { kind: 'configured', config: before!, changed: false }, ...again };
    case 'wipe':
      stored.wipe('wiped');
      return { outcome: off('version 0: not for now') };
    case 'wipe-and-stop':
      stored.wipe('stopped');
      return { outcome: off('version -1: not for this SIM') };
    case 'disabled':
      stored.wipe('disabled');
      return { outcome: off('version -2: until its owner switches RCS on') };
    case 'dormant':
      stored.stand('dormant');
      keepToken(stored, document);
      return { outcome: off('version -3: dormant'), ...again };
  }
}

export function off(why: string): ProvisioningOutcome {
  return { kind: 'disabled', why: `the ACS says ${why}` };
}

function keepToken(stored: StoredConfiguration, document: ConfigDocument): void {
  const token = configToken(document);
  if (token !== undefined) stored.keepToken(token);
}

function validityOf(document: ConfigDocument): { readonly againInMs?: number } {
  const seconds = configValidity(document);
  return seconds === 0 ? {} : { againInMs: Math.max(seconds * 1_000, MIN_VALIDITY_MS) };
}

/** All but what says nothing of the service: two documents with the same settings are one registration. */
function settingsOf({ version: _v, validitySeconds: _s, token: _t, ...settings }: RcsConfig): string {
  const { tokenValiditySeconds: _l, ...rest } = settings;
  return JSON.stringify(rest);
}
