/** From a RCC.14 document, old flat or UP nested, to RcsConfig. */

import { type ConfigDocument, findParm, findParms } from './config-document.ts';
import { ConfigError } from './config-error.ts';
import { E2EE_PARMS } from './e2ee-parms.ts';
import { integer } from './integer.ts';
import { readLegacyIm } from './legacy-im.ts';
import type { RcsConfig } from './rcs-config.ts';
import { SECURE_SIGNALLING_PARMS } from './secure-signalling-parms.ts';
import { configToken, configValidity, configVersion } from './vers.ts';

const IMS = 'ap2001';
const RCS = 'ap2002';
/** RCC.14: this conf-fcty-uri or exploder-uri says that there is none. */
const NOT_OFFERED = 'sip:foo@bar';
const DEFAULT_MAX_SIZE = 1024 * 1024;
const DEFAULT_SWITCHOVER_SIZE = 1300;
const DAY_SECONDS = 86_400;
const MAX_ADDRESS_LENGTH = 270;
/** 32 octets in Base64. */
const PIN = /^[A-Za-z0-9+/]{43}=$/;
/** Name or IPv4 address, IPv6 address in brackets (each with or without port), bare IPv6 address. */
const HOST_PORT = /^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]]+|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]+$)(?::(\d{1,5}))?$/;

/** Throws ConfigError naming the parm that is missing or malformed. */
export function readRcsConfig(document: ConfigDocument): RcsConfig {
  const psSignalling = readSignalling(document);
  const secure = psSignalling === 'SIPoTLS';
  const token = configToken(document);
  const exploderUri = offered(look(document, RCS, 'exploder-uri'));
  const smsPort = integer(findParm(document, undefined, 'POLICY/SMS_port'), 'POLICY/SMS_port', 0);
  const im = readLegacyIm(
    (name) => look(document, RCS, name),
    (name) => number(document, RCS, name),
  );
  const timers = readTimers(document);
  const chat = readChat(document);
  const fileTransfer = readFileTransfer(document);
  const e2ee = readE2ee(document);
  const pcscfPins = readPins(document);
  return {
    version: configVersion(document),
    validitySeconds: configValidity(document),
    ...(token === undefined ? {} : { token: token.value }),
    ...(token?.validitySeconds === undefined ? {} : { tokenValiditySeconds: token.validitySeconds }),
    ...(smsPort === undefined ? {} : { smsPort }),
    impi: required(document, IMS, 'Private_User_Identity'),
    impu: readImpu(document),
    homeDomain: required(document, IMS, 'Home_network_domain_name'),
    pcscf: readPcscf(document, secure ? 5061 : 5060),
    ...(pcscfPins === undefined ? {} : { pcscfPins }),
    auth: readAuth(document),
    instanceId: (look(document, IMS, 'uuid_Value') ?? '').replace(/^urn:uuid:/i, ''),
    psSignalling,
    psMedia: readMedia(document, secure),
    ...(timers === undefined ? {} : { timers }),
    services: {
      chat: flag(document, 'ChatAuth'),
      groupChat: flag(document, 'GroupChatAuth'),
      fileTransferHttp:
        flag(document, 'ftAuth') && look(document, RCS, 'ftDefaultMech')?.toUpperCase() !== 'MSRP',
      standaloneMsg: flag(document, 'standaloneMsgAuth'),
    },
    standaloneMsg: {
      maxSize: number(document, RCS, 'StandaloneMsg/MaxSize') ?? DEFAULT_MAX_SIZE,
      switchoverSize: number(document, RCS, 'SwitchoverSize') ?? DEFAULT_SWITCHOVER_SIZE,
      ...(exploderUri === undefined ? {} : { exploderUri }),
    },
    capDiscovery: {
      capInfoExpirySeconds: number(document, RCS, 'capInfoExpiry') ?? DAY_SECONDS,
      nonRcsCapInfoExpirySeconds: number(document, RCS, 'nonRCScapInfoExpiry') ?? 30 * DAY_SECONDS,
      defaultDisc: readDiscovery(document),
      ...(number(document, RCS, 'presenceDisc') === 1 && { presenceDisc: true }),
    },
    ...(chat === undefined ? {} : { chat }),
    ...(fileTransfer === undefined ? {} : { fileTransfer }),
    ...(im === undefined ? {} : { im }),
    ...(e2ee === undefined ? {} : { e2ee }),
  };
}

/** In its application, or, as the flat shape has one application for both, anywhere. */
function look(document: ConfigDocument, appId: string, name: string): string | undefined {
  return findParm(document, appId, name) ?? findParm(document, undefined, name);
}

function lookAll(document: ConfigDocument, appId: string, name: string): string[] {
  const own = findParms(document, appId, name);
  return own.length > 0 ? own : findParms(document, undefined, name);
}

function required(document: ConfigDocument, appId: string, name: string): string {
  const value = look(document, appId, name)?.trim();
  if (!value) {
    throw new ConfigError(`${appId}/${name}`, 'a value');
  }
  return value;
}

function number(document: ConfigDocument, appId: string, name: string): number | undefined {
  return integer(look(document, appId, name), `${appId}/${name}`, 0);
}

/** Authorisations are 0 or 1; some are bit masks, any bit of which enables. */
function flag(document: ConfigDocument, name: string): boolean {
  return (number(document, RCS, name) ?? 0) > 0;
}

function readImpu(document: ConfigDocument): string[] {
  const identities = lookAll(document, IMS, 'Public_User_Identity').map((value) => value.trim());
  const given = identities.filter((value) => value !== '');
  if (given.length === 0) {
    throw new ConfigError(`${IMS}/Public_User_Identity_List/Public_User_Identity`, 'at least one identity');
  }
  return given;
}

function readPcscf(document: ConfigDocument, defaultPort: number): { host: string; port: number }[] {
  const addresses = lookAll(document, IMS, 'LBO_P-CSCF_Address/Address').filter(
    (value) => value.trim() !== '',
  );
  if (addresses.length === 0) {
    throw new ConfigError(`${IMS}/LBO_P-CSCF_Address/Address`, 'at least one address');
  }
  return addresses.map((written) => {
    const address = written.trim();
    const m = address.length <= MAX_ADDRESS_LENGTH ? HOST_PORT.exec(address) : null;
    const port = m?.[2] === undefined ? defaultPort : Number(m[2]);
    if (m === null || port < 1 || port > 65_535) {
      throw new ConfigError(`${IMS}/LBO_P-CSCF_Address/Address`, 'host or host:port');
    }
    return { host: m[1]!.replace(/^\[|\]$/g, ''), port };
  });
}

function readPins(document: ConfigDocument): string[] | undefined {
  const pins = lookAll(document, IMS, SECURE_SIGNALLING_PARMS.pin).map((pin) => pin.trim());
  if (!pins.every((pin) => PIN.test(pin))) {
    throw new ConfigError(`${IMS}/${SECURE_SIGNALLING_PARMS.pin}`, 'a SHA-256 digest in Base64');
  }
  return pins.length > 0 ? pins : undefined;
}

function readAuth(document: ConfigDocument): RcsConfig['auth'] {
  const type = required(document, IMS, 'AuthType').toLowerCase();
  if (type === 'aka') {
    // The SIM has all of it; what the document leaves out follows from the private identity (TS 23.003 13.3).
    const userName =
      look(document, IMS, 'UserName')?.trim() || required(document, IMS, 'Private_User_Identity');
    const realm = look(document, IMS, 'Realm')?.trim() || required(document, IMS, 'Home_network_domain_name');
    return { type: 'AKA', realm, userName };
  }
  if (type !== 'digest') throw new ConfigError(`${IMS}/APPAUTH/AuthType`, 'Digest or AKA');
  return {
    type: 'Digest',
    realm: required(document, IMS, 'Realm'),
    userName: required(document, IMS, 'UserName'),
    // Space at its ends is part of a password.
    userPwd: look(document, IMS, 'UserPwd') || required(document, IMS, 'UserPwd'),
  };
}

/** Without the parm, TLS: a UDP registration can't receive what is larger than a packet. */
function readSignalling(document: ConfigDocument): RcsConfig['psSignalling'] {
  const value = look(document, IMS, 'psSignalling')?.trim() || 'SIPoTLS';
  const known = (['SIPoUDP', 'SIPoTCP', 'SIPoTLS'] as const).find(
    (v) => v.toLowerCase() === value.toLowerCase(),
  );
  if (known === undefined) {
    throw new ConfigError(`${IMS}/transportProto/psSignalling`, 'SIPoUDP, SIPoTCP or SIPoTLS');
  }
  return known;
}

function readMedia(document: ConfigDocument, secure: boolean): RcsConfig['psMedia'] {
  const value = look(document, IMS, 'psMedia')?.trim() || (secure ? 'MSRPoTLS' : 'MSRP');
  const known = (['MSRP', 'MSRPoTLS'] as const).find((v) => v.toLowerCase() === value.toLowerCase());
  if (known === undefined) {
    throw new ConfigError(`${IMS}/transportProto/psMedia`, 'MSRP or MSRPoTLS');
  }
  return known;
}

/** SIP defaults fill what is missing (RFC 3261 17.1.1.1). */
function readTimers(document: ConfigDocument): RcsConfig['timers'] {
  const t1 = number(document, IMS, 'Timer_T1');
  const t2 = number(document, IMS, 'Timer_T2');
  const t4 = number(document, IMS, 'Timer_T4');
  if (t1 === undefined && t2 === undefined && t4 === undefined) {
    return undefined;
  }
  return { t1: t1 ?? 500, t2: t2 ?? 4000, t4: t4 ?? 5000 };
}

function readDiscovery(document: ConfigDocument): RcsConfig['capDiscovery']['defaultDisc'] {
  const choice = number(document, RCS, 'defaultDisc');
  if (choice === undefined) {
    return number(document, RCS, 'presenceDisc') === 1 ? 'presence' : 'options';
  }
  const known = (['options', 'presence', 'off'] as const)[choice];
  if (known === undefined) {
    throw new ConfigError(`${RCS}/CAPDISCOVERY/defaultDisc`, '0, 1 or 2');
  }
  return known;
}

function offered(uri: string | undefined): string | undefined {
  const written = uri?.trim();
  return written && written !== NOT_OFFERED ? written : undefined;
}

function readChat(document: ConfigDocument): RcsConfig['chat'] {
  const factory = offered(look(document, RCS, 'conf-fcty-uri'));
  const maxAdhocGroupSize = number(document, RCS, 'max_adhoc_group_size');
  const idleSeconds = number(document, RCS, 'TimerIdle');
  const maxSize = number(document, RCS, 'Chat/MaxSize') ?? number(document, RCS, 'MaxSize1to1');
  const revokeSeconds = number(document, RCS, 'RevokeTimer');
  const reconnectGuardSeconds = number(document, RCS, 'reconnectGuardTimer');
  const chat = {
    ...(factory === undefined ? {} : { conferenceFactoryUri: factory }),
    ...(maxAdhocGroupSize === undefined ? {} : { maxAdhocGroupSize }),
    ...(idleSeconds === undefined ? {} : { idleSeconds }),
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(revokeSeconds === undefined ? {} : { revokeSeconds }),
    ...(reconnectGuardSeconds === undefined ? {} : { reconnectGuardSeconds }),
  };
  return Object.keys(chat).length > 0 ? chat : undefined;
}

function readFileTransfer(document: ConfigDocument): RcsConfig['fileTransfer'] {
  const contentServerUri = look(document, RCS, 'ftHTTPCSURI')?.trim();
  if (!contentServerUri) {
    return undefined;
  }
  const user = look(document, RCS, 'ftHTTPCSUser');
  const password = look(document, RCS, 'ftHTTPCSPwd');
  const downloadUri = look(document, RCS, 'ftHTTPDLURI');
  const maxSizeKilobytes = number(document, RCS, 'MaxSizeFileTr');
  return {
    contentServerUri,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(downloadUri === undefined ? {} : { downloadUri }),
    ...(maxSizeKilobytes === undefined ? {} : { maxSizeKilobytes }),
  };
}

function readE2ee(document: ConfigDocument): RcsConfig['e2ee'] {
  const kdsUri = look(document, RCS, E2EE_PARMS.kdsUri)?.trim();
  if (!kdsUri) {
    return undefined;
  }
  return {
    kdsUri,
    kdsToken: required(document, RCS, E2EE_PARMS.kdsToken),
    kdsId: required(document, RCS, E2EE_PARMS.kdsId),
  };
}
