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
export type { RcsConfig } from './rcs-config.ts';
export { readRcsConfig } from './read-config.ts';
export { type ConfigAction, configAction, configVersion } from './vers.ts';
export { writeConfigDocument, writeVersDocument } from './write-config.ts';
