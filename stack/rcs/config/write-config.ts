/** From RcsConfig to a RCC.14 document of the UP nested shape. */

import { type Characteristic, type Parm, serializeConfigDocument } from './config-document.ts';
import { E2EE_PARMS } from './e2ee-parms.ts';
import type { RcsConfig } from './rcs-config.ts';

type Value = string | number | boolean | undefined;

/** A document of two applications, ap2001 (IMS) and ap2002 (RCS), linked by To-AppRef. UTF-8 XML. */
export function writeConfigDocument(config: RcsConfig): Uint8Array {
  const vers = group('VERS', { version: config.version, validity: config.validitySeconds });
  const characteristics = [vers];
  if (config.token !== undefined) {
    characteristics.push(group('TOKEN', { token: config.token }));
  }
  characteristics.push(imsApplication(config), rcsApplication(config));
  return serializeConfigDocument({ type: 'wap-provisioningdoc', parms: [], characteristics });
}

/** A document that configures nothing: VERS alone, as for versions 0, -1, -2, -3 or "nothing changed". */
export function writeVersDocument(version: number, validitySeconds: number, token?: string): Uint8Array {
  const characteristics = [group('VERS', { version, validity: validitySeconds })];
  if (token !== undefined) {
    characteristics.push(group('TOKEN', { token }));
  }
  return serializeConfigDocument({ type: 'wap-provisioningdoc', parms: [], characteristics });
}

function imsApplication(config: RcsConfig): Characteristic {
  const { auth, timers } = config;
  const addresses = config.pcscf.map(({ host, port }) =>
    group('LBO_P-CSCF_Address', {
      Address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      AddressType: addressType(host),
    }),
  );
  return group(
    'APPLICATION',
    {
      AppID: 'ap2001',
      AppRef: 'IMS-Settings',
      Timer_T1: timers?.t1,
      Timer_T2: timers?.t2,
      Timer_T4: timers?.t4,
      Private_User_Identity: config.impi,
      Home_network_domain_name: config.homeDomain,
    },
    {
      type: 'Public_User_Identity_List',
      parms: config.impu.map((value) => ({ name: 'Public_User_Identity', value })),
      characteristics: [],
    },
    ...addresses,
    group('APPAUTH', {
      AuthType: auth.type,
      Realm: auth.realm,
      UserName: auth.userName,
      UserPwd: auth.userPwd,
    }),
    group(
      'Ext',
      {},
      group(
        'GSMA',
        { uuid_Value: config.instanceId === '' ? undefined : config.instanceId },
        group('transportProto', {
          psSignalling: config.psSignalling,
          wifiSignalling: config.psSignalling,
          psMedia: config.psMedia,
          wifiMedia: config.psMedia,
        }),
      ),
    ),
  );
}

function rcsApplication(config: RcsConfig): Characteristic {
  const { services, standaloneMsg, capDiscovery, chat, fileTransfer, e2ee } = config;
  const parts = [
    group('SERVICES', {
      ChatAuth: services.chat,
      GroupChatAuth: services.groupChat,
      ftAuth: services.fileTransferHttp,
      standaloneMsgAuth: services.standaloneMsg,
    }),
    group('CAPDISCOVERY', {
      capInfoExpiry: capDiscovery.capInfoExpirySeconds,
      nonRCScapInfoExpiry: capDiscovery.nonRcsCapInfoExpirySeconds,
      presenceDisc: capDiscovery.defaultDisc === 'presence',
      defaultDisc: { options: 0, presence: 1, off: 2 }[capDiscovery.defaultDisc],
    }),
    group(
      'MESSAGING',
      {},
      ...when(chat, (c) =>
        group('Chat', {
          'conf-fcty-uri': c.conferenceFactoryUri,
          max_adhoc_group_size: c.maxAdhocGroupSize,
          TimerIdle: c.idleSeconds,
          MaxSize: c.maxSize,
          RevokeTimer: c.revokeSeconds,
        }),
      ),
      group('StandaloneMsg', {
        MaxSize: standaloneMsg.maxSize,
        SwitchoverSize: standaloneMsg.switchoverSize,
      }),
      ...when(fileTransfer, (ft) =>
        group('FileTransfer', {
          ftHTTPCSURI: ft.contentServerUri,
          ftHTTPCSUser: ft.user,
          ftHTTPCSPwd: ft.password,
          ftHTTPDLURI: ft.downloadUri,
          MaxSizeFileTr: ft.maxSizeKilobytes,
        }),
      ),
    ),
    ...when(e2ee, (e) =>
      group(E2EE_PARMS.characteristic, {
        [E2EE_PARMS.kdsUri]: e.kdsUri,
        [E2EE_PARMS.kdsToken]: e.kdsToken,
        [E2EE_PARMS.kdsId]: e.kdsId,
      }),
    ),
  ];
  return group(
    'APPLICATION',
    { AppID: 'ap2002', AppRef: 'RCS-Settings', 'To-AppRef': 'IMS-Settings' },
    ...parts,
  );
}

function group(
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

function when<T>(value: T | undefined, write: (value: T) => Characteristic): Characteristic[] {
  return value === undefined ? [] : [write(value)];
}

function addressType(host: string): string {
  if (host.includes(':')) {
    return 'IPv6';
  }
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'IPv4' : 'FQDN';
}
