/** RCS capabilities as SIP feature tags (RFC 3840; RCC.07). */
export {
  type Capabilities,
  capabilitiesFromContact,
  contactParams,
  iariRef,
  icsiRef,
  NO_CAPABILITIES,
  type Service,
} from './capabilities.ts';
export { capabilitiesOf, isPoorer } from './contact.ts';
export { mlsEligible } from './eligibility.ts';
export { IARI_TAG, ICSI_TAG, MLS_TAGS, type Profile, SERVICE_TAGS, VALUE_TAGS } from './feature-tags.ts';
export {
  type AnswerDetails,
  type OptionsResult,
  offersMessaging,
  optionsResult,
  reasonCause,
} from './options-result.ts';
export { type PresenceAnswer, type PresenceResult, presenceResult } from './presence-result.ts';
export { stripTags } from './strip-tags.ts';
