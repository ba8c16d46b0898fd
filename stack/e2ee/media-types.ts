/** Media types of RCC.16 section 7.9, and the names of its CPIM headers (docs/rcc16.md 4.1 and 4.2). */
export const MLS_MESSAGE = 'message/mls';
export const MLS_SERVER_CONTROL = 'message/mls-rcs-server';

export const ERA_ID = 'Era-ID';
export const EPOCH_AUTHENTICATOR = 'Epoch-Authenticator';
export const DERIVED_CONTENT_SIGNATURE = 'MLS-Derived-Content-Signature';
