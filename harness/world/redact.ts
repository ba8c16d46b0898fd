/**
 * What a trace may not hold: passwords of configuration documents, bearer and configuration tokens, session cookies and
 * one-time passwords. They are masked by as many asterisks, so that lengths stay true. Traces are read, mailed and
 * attached to tickets.
 */
import { parseRp, parseTpdu, SmsError, type Tpdu, writeRp, writeTpdu } from '../../stack/rcs/sms/index.ts';

const SECRETS: readonly RegExp[] = [
  /(?<=^(?:authorization|proxy-authorization): bearer )\S+/gim,
  /(?<=^(?:set-cookie|cookie): [^=;\r\n]+=)[^;\r\n]+/gim,
  /(?<=^GET [^ \r\n]*[?&](?:OTP|token)=)[^& \r\n]+/gim,
  /(?<=<parm name="(?:UserPwd|token|ftHTTPCSPwd|parley-kds-token)" value=")[^"]+/g,
];

export function redactHttp(text: string): string {
  return SECRETS.reduce((masked, secret) => masked.replace(secret, asterisks), text);
}

/** What an ACS writes to people: `Your messaging code is 731902.` */
export function redactText(text: string): string {
  return text.replace(/(?<=\bcode is )\d{4,8}\b/g, asterisks);
}

/** An RP unit of the circuit-switched channel (3GPP TS 24.011), the password in its TPDU masked. */
export function redactRp(bytes: Uint8Array): Uint8Array {
  return unlessMalformed(bytes, () => {
    const unit = parseRp(bytes);
    if (unit.type !== 'data') return bytes;
    const userData = redactTpdu(unit.userData);
    return userData === unit.userData ? bytes : writeRp({ ...unit, userData });
  });
}

/** A TPDU (3GPP TS 23.040), as it stands in an RP unit or in a service centre's store. */
export function redactTpdu(bytes: Uint8Array): Uint8Array {
  return unlessMalformed(bytes, () => {
    const tpdu = parseTpdu(bytes);
    const masked = maskedTpdu(tpdu);
    return masked === undefined ? bytes : writeTpdu(masked);
  });
}

function maskedTpdu(tpdu: Tpdu): Tpdu | undefined {
  if (tpdu.type === 'status-report') return undefined;
  const { userData } = tpdu;
  if (userData.alphabet !== 'data') {
    const text = redactText(userData.text);
    return text === userData.text ? undefined : { ...tpdu, userData: { ...userData, text } };
  }
  // Binary one-time passwords are digits and nothing else; `<IMSI>-rcscfg` is no secret.
  if (!/^\d{4,8}$/.test(new TextDecoder().decode(userData.data))) return undefined;
  return { ...tpdu, userData: { ...userData, data: userData.data.map(() => 0x2a) } };
}

function unlessMalformed(bytes: Uint8Array, mask: () => Uint8Array): Uint8Array {
  try {
    return mask();
  } catch (error) {
    if (error instanceof SmsError) return bytes;
    throw error;
  }
}

function asterisks(found: string): string {
  return '*'.repeat(found.length);
}
