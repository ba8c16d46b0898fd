import { LegacyPhone } from './legacy-phone.ts';
import type { Phone, PhoneConfig, PhonePorts } from './phone.ts';
import { ReferencePhone } from './reference-phone.ts';
import { SmsPhone } from './sms-phone.ts';

/** The emulator for what the phone's universal profile says it is. */
export function createPhone(config: PhoneConfig, ports: PhonePorts): Phone {
  switch (config.universalProfile) {
    case 'none':
      return new SmsPhone(config, ports);
    case 'joyn':
    case '2.4':
      return new LegacyPhone(config, ports);
    case '3.0':
      return new ReferencePhone(config, ports);
  }
}
