/** From RcsConfig to a RCC.14 document, of the UP nested shape or of the old flat one (docs/rcs-signalling.md 1.6). */

import { type Characteristic, serializeConfigDocument } from './config-document.ts';
import { legacyImParms } from './legacy-im.ts';
import {
  chatParms,
  discoveryGroup,
  e2eeGroups,
  fileTransferParms,
  group,
  identityGroups,
  identityParms,
  instanceParms,
  serviceParms,
  standaloneGroup,
  transportGroup,
  when,
} from './parm-groups.ts';
import type { RcsConfig } from './rcs-config.ts';
import type { ConfigToken } from './vers.ts';

/** `nested`: two applications, ap2001 (IMS) and ap2002 (RCS), linked by To-AppRef. `flat`: one for all. */
export type DocumentShape = 'nested' | 'flat';

/** UTF-8 XML. */
export function writeConfigDocument(config: RcsConfig, shape: DocumentShape = 'nested'): Uint8Array {
  const { version, validitySeconds, token, tokenValiditySeconds, smsPort } = config;
  const characteristics = [
    ...head(version, validitySeconds, token === undefined ? undefined : { token, tokenValiditySeconds }),
    ...when(smsPort, (port) => group('POLICY', { SMS_port: port })),
    ...(shape === 'flat' ? [flatApplication(config)] : [imsApplication(config), rcsApplication(config)]),
  ];
  return serializeConfigDocument({ type: 'wap-provisioningdoc', parms: [], characteristics });
}

/** A document that configures nothing: VERS alone, as for versions 0, -1, -2, -3 or "nothing changed". */
export function writeVersDocument(version: number, validitySeconds: number, token?: ConfigToken): Uint8Array {
  const written = token && { token: token.value, tokenValiditySeconds: token.validitySeconds };
  const characteristics = head(version, validitySeconds, written);
  return serializeConfigDocument({ type: 'wap-provisioningdoc', parms: [], characteristics });
}

interface Token {
  readonly token: string;
  readonly tokenValiditySeconds: number | undefined;
}

function head(version: number, validity: number, token: Token | undefined): Characteristic[] {
  return [
    group('VERS', { version, validity }),
    ...when(token, (t) => group('TOKEN', { token: t.token, validity: t.tokenValiditySeconds })),
  ];
}

function imsApplication(config: RcsConfig): Characteristic {
  return group(
    'APPLICATION',
    { AppID: 'ap2001', AppRef: 'IMS-Settings', ...identityParms(config) },
    ...identityGroups(config),
    group('Ext', {}, group('GSMA', instanceParms(config), transportGroup(config))),
  );
}

function rcsApplication(config: RcsConfig): Characteristic {
  const { chat, fileTransfer, im } = config;
  return group(
    'APPLICATION',
    { AppID: 'ap2002', AppRef: 'RCS-Settings', 'To-AppRef': 'IMS-Settings' },
    group('SERVICES', serviceParms(config)),
    discoveryGroup(config),
    group(
      'MESSAGING',
      {},
      ...when(chat, (c) => group('Chat', { ...chatParms(config), MaxSize: c.maxSize })),
      standaloneGroup(config),
      ...when(fileTransfer, () => group('FileTransfer', fileTransferParms(config))),
    ),
    ...when(im, (i) => group('IM', legacyImParms(i))),
    ...e2eeGroups(config),
  );
}

/** RCS-e and joyn: what chat and file transfer need stands in `IM`, what the transport needs in `OTHER`. */
function flatApplication(config: RcsConfig): Characteristic {
  return group(
    'APPLICATION',
    { AppID: 'ap2001', AppRef: 'RCS-Settings', ...identityParms(config) },
    ...identityGroups(config),
    group('SERVICES', serviceParms(config)),
    discoveryGroup(config),
    group('IM', {
      ...chatParms(config),
      MaxSize1to1: config.chat?.maxSize,
      ...fileTransferParms(config),
      ...(config.im && legacyImParms(config.im)),
    }),
    standaloneGroup(config),
    group('OTHER', instanceParms(config), transportGroup(config)),
    ...e2eeGroups(config),
  );
}
