/** RCC.14 auto-configuration: document, typed configuration, VERS, query. */
export { type AcsQuery, acsHost, acsQuery, parseAcsQuery } from './acs-query.ts';
export {
  applications,
  type Characteristic,
  type ConfigDocument,
  findParm,
  findParms,
  type Parm,
  parseConfigDocument,
  serializeConfigDocument,
} from './config-document.ts';
export { ConfigError } from './config-error.ts';
export { E2EE_PARMS } from './e2ee-parms.ts';
export type { LegacyIm } from './legacy-im.ts';
export type { RcsConfig } from './rcs-config.ts';
export { readRcsConfig } from './read-config.ts';
export {
  type ConfigAction,
  type ConfigToken,
  configAction,
  configToken,
  configValidity,
  configVersion,
  VERSION_OF,
} from './vers.ts';
export { type DocumentShape, writeConfigDocument, writeVersDocument } from './write-config.ts';
