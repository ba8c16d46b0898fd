/** Parts that both shapes of a document are built of. */
import type { Characteristic, Parm } from './config-document.ts';
import { E2EE_PARMS } from './e2ee-parms.ts';
import type { RcsConfig } from './rcs-config.ts';
import { SECURE_SIGNALLING_PARMS } from './secure-signalling-parms.ts';

export type Value = string | number | boolean | undefined;

/** A characteristic of the parms that have a value; flags are written as 1 and 0. */
export function group(
  type: string,
  values: Readonly<Record<string, Value>>,
  ...characteristics: Characteristic[]
): Characteristic {
  const parms: Parm[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      parms.push({ name, value: typeof value === 'boolean' ? (value ? '1' : '0') : String(value) });
    }
  }
  return { type, parms, characteristics };
}

export function when<T>(value: T | undefined, write: (value: T) => Characteristic): Characteristic[] {
  return value === undefined ? [] : [write(value)];
}

/** The parms of ap2001 that stand directly in their application. */
export function identityParms({ timers, impi, homeDomain }: RcsConfig): Record<string, Value> {
  return {
    Timer_T1: timers?.t1,
    Timer_T2: timers?.t2,
    Timer_T4: timers?.t4,
    Private_User_Identity: impi,
    Home_network_domain_name: homeDomain,
  };
}

/** Public identities, P-CSCFs with the keys they must show, and credentials. */
export function identityGroups({ impu, pcscf, pcscfPins, auth }: RcsConfig): Characteristic[] {
  const identities = impu.map((value) => ({ name: 'Public_User_Identity', value }));
  return [
    { type: 'Public_User_Identity_List', parms: identities, characteristics: [] },
    ...pcscf.map(({ host, port }) =>
      group('LBO_P-CSCF_Address', {
        Address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        AddressType: addressType(host),
      }),
    ),
    ...when(pcscfPins, pinned),
    group('APPAUTH', {
      AuthType: auth.type,
      Realm: auth.realm,
      UserName: auth.userName,
      UserPwd: auth.type === 'Digest' ? auth.userPwd : undefined,
    }),
  ];
}

function pinned(pins: readonly string[]): Characteristic {
  const { characteristic, pin } = SECURE_SIGNALLING_PARMS;
  return { type: characteristic, parms: pins.map((value) => ({ name: pin, value })), characteristics: [] };
}

export function instanceParms({ instanceId }: RcsConfig): Record<string, Value> {
  return { uuid_Value: instanceId === '' ? undefined : instanceId };
}

export function transportGroup({ psSignalling, psMedia }: RcsConfig): Characteristic {
  return group('transportProto', {
    psSignalling,
    wifiSignalling: psSignalling,
    psMedia,
    wifiMedia: psMedia,
  });
}

export function serviceParms({ services }: RcsConfig): Record<string, Value> {
  return {
    ChatAuth: services.chat,
    GroupChatAuth: services.groupChat,
    ftAuth: services.fileTransferHttp,
    standaloneMsgAuth: services.standaloneMsg,
  };
}

export function discoveryGroup({ capDiscovery }: RcsConfig): Characteristic {
  return group('CAPDISCOVERY', {
    capInfoExpiry: capDiscovery.capInfoExpirySeconds,
    nonRCScapInfoExpiry: capDiscovery.nonRcsCapInfoExpirySeconds,
    presenceDisc: capDiscovery.presenceDisc ?? false,
    defaultDisc: { options: 0, presence: 1, off: 2 }[capDiscovery.defaultDisc],
  });
}

/** Parms of chat whose names are the same in both shapes; without the size. */
export function chatParms({ chat }: RcsConfig): Record<string, Value> {
  return {
    'conf-fcty-uri': chat?.conferenceFactoryUri,
    max_adhoc_group_size: chat?.maxAdhocGroupSize,
    TimerIdle: chat?.idleSeconds,
    RevokeTimer: chat?.revokeSeconds,
    reconnectGuardTimer: chat?.reconnectGuardSeconds,
  };
}

export function standaloneGroup({ standaloneMsg }: RcsConfig): Characteristic {
  return group('StandaloneMsg', {
    MaxSize: standaloneMsg.maxSize,
    SwitchoverSize: standaloneMsg.switchoverSize,
    'exploder-uri': standaloneMsg.exploderUri,
  });
}

export function fileTransferParms({ fileTransfer }: RcsConfig): Record<string, Value> {
  return {
    ftHTTPCSURI: fileTransfer?.contentServerUri,
    ftHTTPCSUser: fileTransfer?.user,
    ftHTTPCSPwd: fileTransfer?.password,
    ftHTTPDLURI: fileTransfer?.downloadUri,
    MaxSizeFileTr: fileTransfer?.maxSizeKilobytes,
  };
}

export function e2eeGroups({ e2ee }: RcsConfig): Characteristic[] {
  return when(e2ee, (e) =>
    group(E2EE_PARMS.characteristic, {
      [E2EE_PARMS.kdsUri]: e.kdsUri,
      [E2EE_PARMS.kdsToken]: e.kdsToken,
      [E2EE_PARMS.kdsId]: e.kdsId,
    }),
  );
}

function addressType(host: string): string {
  if (host.includes(':')) {
    return 'IPv6';
  }
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'IPv4' : 'FQDN';
}
