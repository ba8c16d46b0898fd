import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AcsQuery,
  acsHost,
  acsQuery,
  ConfigError,
  parseAcsQuery,
} from '../../stack/rcs/config/index.ts';

/** In the form of docs/rcs-signalling.md 1.7. */
const FIRST_BOOT: AcsQuery = {
  vers: 0,
  rcsVersion: '11.0',
  rcsProfiles: ['UP_2.4'],
  clientVendor: 'HRNS',
  clientVersion: 'RCSHarn-0.1',
  terminalVendor: 'EMUL',
  terminalModel: 'model1',
  terminalSwVersion: '1.0',
  provisioningVersion: '5.0',
  defaultSmsApp: 1,
  msisdn: '+999900100001',
  smsPort: 0,
  token: '',
};
const FIRST_BOOT_QUERY =
  'vers=0&rcs_version=11.0&rcs_profile=UP_2.4&client_vendor=HRNS&client_version=RCSHarn-0.1' +
  '&terminal_vendor=EMUL&terminal_model=model1&terminal_sw_version=1.0' +
  '&provisioning_version=5.0&default_sms_app=1&msisdn=%2B999900100001&SMS_port=0&token=';

describe('the auto-configuration query (RCC.14; docs/rcs-signalling.md 1.3)', () => {
  it('is written as in the example, an empty token included', () => {
    expect(acsQuery(FIRST_BOOT)).toBe(FIRST_BOOT_QUERY);
  });

  it.each([`https://config.rcs.example/?${FIRST_BOOT_QUERY}`, `/?${FIRST_BOOT_QUERY}#x`, FIRST_BOOT_QUERY])(
    'is read from %s',
    (url) => {
      expect(parseAcsQuery(url)).toEqual(FIRST_BOOT);
    },
  );

  it('of the second request carries the OTP alone', () => {
    expect(acsQuery({ otp: '731902' })).toBe('OTP=731902');
    expect(parseAcsQuery('/?OTP=731902')).toEqual({ otp: '731902' });
  });

  it('without parameters asks nothing, as the first request on the operator bearer', () => {
    expect(parseAcsQuery('http://config.rcs.example/')).toEqual({});
    expect(parseAcsQuery('/?')).toEqual({});
  });

  it('ignores unknown parameters and those in another case', () => {
    expect(parseAcsQuery('/?VERS=3&imsi=1&Channel_ID=x&vers=4&__proto__=1')).toEqual({ vers: 4 });
  });

  it('names profiles and applications more than once', () => {
    const query: AcsQuery = { rcsProfiles: ['UP_2.4', 'UP_3.0'], apps: ['ap2001', 'ap2002'] };
    expect(parseAcsQuery(acsQuery(query))).toEqual(query);
  });

  it('takes a plus sign as a plus sign', () => {
    expect(parseAcsQuery('/?msisdn=+999900100001').msisdn).toBe('+999900100001');
  });

  it.each([
    '/?vers=x',
    '/?vers=',
    '/?vers=1&vers=2',
    '/?token=%zz',
    '/?token=%ff',
    `/?token=${'x'.repeat(20_000)}`,
    `/?${'a&'.repeat(200)}`,
  ])('is refused as %s', (url) => {
    expect(() => parseAcsQuery(url)).toThrow(ConfigError);
  });

  it('gives back whatever it was built of', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((s) => s.isWellFormed());
    const list = fc.array(text, { minLength: 1, maxLength: 3 });
    const integer = fc.integer();
    const query = fc.record(
      {
        ...{ vers: integer, rcsVersion: text, rcsProfiles: list, clientVendor: text, clientVersion: text },
        ...{ terminalVendor: text, terminalModel: text, terminalSwVersion: text, provisioningVersion: text },
        ...{ defaultSmsApp: integer, rcsState: integer, apps: list, imsi: text, imei: text, msisdn: text },
        ...{ smsPort: integer, token: text, otp: text },
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(query, (given) => {
        expect(parseAcsQuery(`/?${acsQuery(given)}`)).toEqual(given);
      }),
    );
  });

  it('of arbitrary text is read or refused as ConfigError', () => {
    fc.assert(
      fc.property(fc.string(), (url) => {
        try {
          parseAcsQuery(`/?${url}`);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

it('the host has three digits of each code (docs/rcs-signalling.md 1.1)', () => {
  expect(acsHost('999', '01')).toBe('config.rcs.mnc001.mcc999.pub.3gppnetwork.org');
  expect(acsHost(1, 1)).toBe('config.rcs.mnc001.mcc001.pub.3gppnetwork.org');
});
