export { type Combination, caseFacts, combinationFacts } from './case-facts.ts';
export type { FactSheet } from './entity-facts.ts';
export { deviceFacts, messageFacts, peerOf, type Send, type When } from './message-facts.ts';
export { untrustedHost } from './usable.ts';
