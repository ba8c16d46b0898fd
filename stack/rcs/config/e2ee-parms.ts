/**
 * The parms of end-to-end encryption. RCC.14's own names are not known, so these private ones stand in one table:
 * a carrier with other names changes nothing else.
 */
export const E2EE_PARMS = {
  characteristic: 'SERVICEPROVIDEREXT',
  kdsUri: 'parley-kds-uri',
  kdsToken: 'parley-kds-token',
  kdsId: 'parley-kds-id',
} as const;
