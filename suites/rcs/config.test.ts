import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applications,
  ConfigError,
  configAction,
  configToken,
  configValidity,
  E2EE_PARMS,
  findParm,
  findParms,
  type LegacyIm,
  parseConfigDocument,
  type RcsConfig,
  readRcsConfig,
  serializeConfigDocument,
  writeConfigDocument,
  writeVersDocument,
} from '../../stack/rcs/config/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const document = (inner: string) =>
  parseConfigDocument(
    bytes(`<?xml version="1.0"?><wap-provisioningdoc version="1.1">${inner}</wap-provisioningdoc>`),
  );
const vers = (version: number | string) =>
  `<characteristic type="VERS"><parm name="version" value="${version}"/><parm name="validity" value="86400"/></characteristic>`;

/** In the form of docs/rcs-signalling.md 1.7, UP nested. */
const NESTED = `${vers(7)}
 <characteristic type="TOKEN"><parm name="token" value="tk-9b21"/></characteristic>
 <characteristic type="APPLICATION">
  <parm name="AppID" value="ap2001"/><parm name="AppRef" value="IMS-Settings"/>
  <parm name="Private_User_Identity" value="999001000000001@ims.alpha.example"/>
  <characteristic type="Public_User_Identity_List">
   <parm name="Public_User_Identity" value="sip:+999900100001@ims.alpha.example"/></characteristic>
  <parm name="Home_network_domain_name" value="ims.alpha.example"/>
  <characteristic type="LBO_P-CSCF_Address">
   <parm name="Address" value="pcscf.alpha.example:5061"/><parm name="AddressType" value="FQDN"/></characteristic>
  <characteristic type="APPAUTH">
   <parm name="AuthType" value="Digest"/><parm name="Realm" value="ims.alpha.example"/>
   <parm name="UserName" value="999001000000001@ims.alpha.example"/><parm name="UserPwd" value="s3cret"/></characteristic>
  <characteristic type="Ext"><characteristic type="GSMA">
   <parm name="uuid_Value" value="0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001"/>
   <characteristic type="transportProto">
    <parm name="psSignalling" value="SIPoTLS"/><parm name="wifiSignalling" value="SIPoTLS"/>
    <parm name="psMedia" value="MSRPoTLS"/><parm name="wifiMedia" value="MSRPoTLS"/></characteristic>
  </characteristic></characteristic>
 </characteristic>
 <characteristic type="APPLICATION">
  <parm name="AppID" value="ap2002"/><parm name="AppRef" value="RCS-Settings"/><parm name="To-AppRef" value="IMS-Settings"/>
  <characteristic type="SERVICES">
   <parm name="SupportedRCSProfileVersions" value="UP_2.4"/><parm name="ChatAuth" value="1"/>
   <parm name="GroupChatAuth" value="1"/><parm name="ftAuth" value="1"/><parm name="standaloneMsgAuth" value="1"/></characteristic>
  <characteristic type="CAPDISCOVERY">
   <parm name="capInfoExpiry" value="86400"/><parm name="nonRCScapInfoExpiry" value="2592000"/><parm name="presenceDisc" value="0"/></characteristic>
  <characteristic type="MESSAGING">
   <characteristic type="Chat"><parm name="conf-fcty-uri" value="sip:focus@conf.alpha.example"/>
    <parm name="max_adhoc_group_size" value="100"/><parm name="TimerIdle" value="300"/>
    <parm name="MaxSize" value="8192"/><parm name="RevokeTimer" value="60"/></characteristic>
   <characteristic type="StandaloneMsg"><parm name="MaxSize" value="1048576"/><parm name="SwitchoverSize" value="1300"/>
    <parm name="exploder-uri" value="sip:exploder@msg.alpha.example"/></characteristic>
   <characteristic type="FileTransfer"><parm name="ftHTTPCSURI" value="https://ftcs.alpha.example/up"/>
    <parm name="ftHTTPCSUser" value="u1"/><parm name="ftHTTPCSPwd" value="p1"/>
    <parm name="MaxSizeFileTr" value="102400"/></characteristic>
  </characteristic>
 </characteristic>`;

/** The same parms as an old network puts them: one application, one level, other case, <param>. */
const FLAT = `${vers(7)}
 <characteristic type="APPLICATION">
  <param name="AppID" value="ap2001"/>
  <param NAME="private_user_identity" VALUE="999001000000001@ims.alpha.example"/>
  <characteristic type="public_user_identity_list"><param name="Public_user_Identity" value="sip:+999900100001@ims.alpha.example"/></characteristic>
  <param name="Home_network_domain_Name" value="ims.alpha.example"/>
  <characteristic type="LBO_P-CSCF_Address"><param name="Address" value="10.9.8.7"/><param name="AddressType" value="IPv4"/></characteristic>
  <param name="Timer_T1" value="2000"/><param name="Timer_T2" value="16000"/><param name="Timer_T4" value="17000"/>
  <characteristic type="APPAUTH"><param name="AuthType" value="digest"/><param name="Realm" value="ims.alpha.example"/><param name="UserName" value="u"/><param name="UserPwd" value="s3cret"/></characteristic>
  <param name="psSignalling" value="sipoudp"/><param name="psMedia" value="MSRP"/>
  <param name="ChatAuth" value="1"/><param name="GroupChatAuth" value="0"/><param name="ftAuth" value="1"/><param name="ftDefaultMech" value="MSRP"/>
  <param name="conf-fcty-uri" value="sip:foo@bar"/>
  <param name="MaxSize1to1" value="1024"/>
 </characteristic>`;

const CONFIG: RcsConfig = {
  version: 7,
  validitySeconds: 86400,
  token: 'tk-9b21',
  impi: '999001000000001@ims.alpha.example',
  impu: ['sip:+999900100001@ims.alpha.example'],
  homeDomain: 'ims.alpha.example',
  pcscf: [{ host: 'pcscf.alpha.example', port: 5061 }],
  auth: {
    type: 'Digest',
    realm: 'ims.alpha.example',
    userName: '999001000000001@ims.alpha.example',
    userPwd: 's3cret',
  },
  instanceId: '0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001',
  psSignalling: 'SIPoTLS',
  psMedia: 'MSRPoTLS',
  services: { chat: true, groupChat: true, fileTransferHttp: true, standaloneMsg: true },
  standaloneMsg: {
    maxSize: 1048576,
    switchoverSize: 1300,
    exploderUri: 'sip:exploder@msg.alpha.example',
  },
  capDiscovery: { capInfoExpirySeconds: 86400, nonRcsCapInfoExpirySeconds: 2592000, defaultDisc: 'options' },
  chat: {
    conferenceFactoryUri: 'sip:focus@conf.alpha.example',
    maxAdhocGroupSize: 100,
    idleSeconds: 300,
    maxSize: 8192,
    revokeSeconds: 60,
  },
  fileTransfer: {
    contentServerUri: 'https://ftcs.alpha.example/up',
    user: 'u1',
    password: 'p1',
    maxSizeKilobytes: 102400,
  },
};

describe('a configuration document (RCC.14)', () => {
  it('of the UP nested shape gives the whole configuration', () => {
    expect(readRcsConfig(document(NESTED))).toEqual(CONFIG);
  });

  it('of the old flat shape gives the same parms by name (hazard R73)', () => {
    const config = readRcsConfig(document(FLAT));
    expect(config).toMatchObject({
      impi: '999001000000001@ims.alpha.example',
      impu: ['sip:+999900100001@ims.alpha.example'],
      pcscf: [{ host: '10.9.8.7', port: 5060 }],
      auth: { type: 'Digest', userName: 'u' },
      instanceId: '',
      psSignalling: 'SIPoUDP',
      psMedia: 'MSRP',
      timers: { t1: 2000, t2: 16000, t4: 17000 },
      services: { chat: true, groupChat: false, fileTransferHttp: false, standaloneMsg: false },
      chat: { maxSize: 1024 },
    });
    expect(config.chat?.conferenceFactoryUri, 'sip:foo@bar offers no group chat').toBeUndefined();
  });

  it('may begin with the document type of OMA provisioning, which is never fetched', () => {
    const wap = `<?xml version="1.0"?><!DOCTYPE wap-provisioningdoc PUBLIC "-//WAPFORUM//DTD PROV 1.0//EN" "http://www.wapforum.org/DTD/prov.dtd"><wap-provisioningdoc>${vers(1)}</wap-provisioningdoc>`;
    expect(findParm(parseConfigDocument(bytes(wap)), undefined, 'VERS/version')).toBe('1');
  });

  it.each([
    ['Private_User_Identity', 'ap2001/Private_User_Identity'],
    ['Public_User_Identity"', 'ap2001/Public_User_Identity_List/Public_User_Identity'],
    ['Home_network_domain_name', 'ap2001/Home_network_domain_name'],
    ['"Address"', 'ap2001/LBO_P-CSCF_Address/Address'],
    ['Realm', 'ap2001/Realm'],
    ['UserPwd', 'ap2001/UserPwd'],
  ])('without %s fails naming it', (name, field) => {
    const without = document(NESTED.replace(name, name.replace(/\w/, 'x')));
    expect(() => readRcsConfig(without)).toThrow(expect.objectContaining({ name: 'ConfigError', field }));
  });

  it.each([
    ['SIPoTLS', 'SIPoX', 'ap2001/transportProto/psSignalling'],
    ['"MSRPoTLS', '"X', 'ap2001/transportProto/psMedia'],
    ['value="Digest"', 'value="EarlyIMS"', 'ap2001/APPAUTH/AuthType'],
    ['pcscf.alpha.example:5061', 'pcscf.alpha.example:99999', 'ap2001/LBO_P-CSCF_Address/Address'],
    ['value="1300"', 'value="many"', 'ap2002/SwitchoverSize'],
    ['value="86400"', 'value="-5"', 'VERS/validity'],
  ])('with %s turned into %s fails naming the parm', (good, bad, field) => {
    expect(() => readRcsConfig(document(NESTED.replace(good, bad)))).toThrow(
      expect.objectContaining({ field }),
    );
  });

  it('keeps a password as it is, space included', () => {
    const { auth } = readRcsConfig(document(NESTED.replace('s3cret', ' s3 cret ')));
    expect(auth).toMatchObject({ userPwd: ' s3 cret ' });
  });

  it('with AKA needs no credentials: the SIM has them', () => {
    const aka = NESTED.replace('value="Digest"', 'value="AKA"').replace(
      /<parm name="User(Name|Pwd)"[^>]*>/g,
      '',
    );
    const config = readRcsConfig(document(aka));
    expect(config.auth).toEqual({ type: 'AKA', realm: expect.any(String), userName: config.impi });
    expect(readRcsConfig(parseConfigDocument(writeConfigDocument(config))).auth).toEqual(config.auth);
  });

  it('never shows a password in an error', () => {
    const broken = NESTED.replace('value="1300"', 'value="s3cret"');
    expect(() => readRcsConfig(document(broken))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
  });

  it.each([
    ['[2001:db8::1]:5061', '2001:db8::1', 5061],
    ['2001:db8::1', '2001:db8::1', 5061],
    ['pcscf.alpha.example', 'pcscf.alpha.example', 5061],
    ['10.0.0.1:443', '10.0.0.1', 443],
  ])('reads the P-CSCF address %s', (address, host, port) => {
    expect(readRcsConfig(document(NESTED.replace('pcscf.alpha.example:5061', address))).pcscf).toEqual([
      { host, port },
    ]);
  });
});

describe('finding a parm', () => {
  const doc = document(NESTED);

  it.each([
    ['ap2001', 'uuid_Value', '0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001'],
    ['ap2001', 'EXT/gsma/UUID_value', '0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001'],
    ['ap2002', 'StandaloneMsg/MaxSize', '1048576'],
    ['ap2002', 'Chat/MaxSize', '8192'],
    ['ap2002', 'MaxSize', '8192'],
    ['ap2002', 'uuid_Value', undefined],
    ['ap2002', 'clientControl/RevokeTimer', undefined],
    ['ap2009', 'AppID', undefined],
    [undefined, 'TOKEN/token', 'tk-9b21'],
    [undefined, 'RevokeTimer', '60'],
  ])('in %s as %s gives %s', (appId, name, expected) => {
    expect(findParm(doc, appId, name)).toBe(expected);
  });

  it('gives every value in the order of nearness', () => {
    expect(findParms(doc, undefined, 'AppID')).toEqual(['ap2001', 'ap2002']);
    expect(findParms(doc, 'ap2002', 'MaxSize')).toEqual(['8192', '1048576']);
  });
});

describe('VERS (RCC.14; docs/rcs-signalling.md 1.5)', () => {
  it.each([
    [`${vers(7)}<characteristic type="APPLICATION"/>`, 0, 'store'],
    [`${vers(8)}<characteristic type="APPLICATION"/>`, 7, 'store'],
    [
      `${vers(7)}<characteristic type="TOKEN"><parm name="token" value="t"/></characteristic>`,
      7,
      'unchanged',
    ],
    [vers(7), 7, 'unchanged'],
    [vers(0), 7, 'wipe'],
    [vers(-1), 7, 'wipe-and-stop'],
    [vers(-2), 7, 'disabled'],
    [vers(-3), 7, 'dormant'],
    [vers(' -3 '), 0, 'dormant'],
  ] as const)('%s with %i stored: %3$s', (inner, stored, action) => {
    expect(configAction(document(inner), stored)).toBe(action);
  });

  it.each(['', vers('x'), vers(-4), vers('1.5')])('without a known version fails: %s', (inner) => {
    expect(() => configAction(document(inner), 1)).toThrow(ConfigError);
  });

  it('alone can not be what a first boot stores', () => {
    expect(() => configAction(document(vers(7)), 0)).toThrow(/APPLICATION/);
  });

  it('is written alone, with a token when one is given', () => {
    const doc = parseConfigDocument(writeVersDocument(-3, 3600, { value: 'tk', validitySeconds: 60 }));
    expect(configAction(doc, 5)).toBe('dormant');
    expect(configToken(doc)).toEqual({ value: 'tk', validitySeconds: 60 });
  });
});

describe('writing', () => {
  it('gives a document that reads back to the same configuration', () => {
    const e2ee = { kdsUri: 'https://kds.alpha.example', kdsToken: 'a&"<\n>b', kdsId: '2' };
    const config: RcsConfig = { ...CONFIG, timers: { t1: 2000, t2: 16000, t4: 17000 }, e2ee };
    expect(readRcsConfig(parseConfigDocument(writeConfigDocument(config)))).toEqual(config);
  });

  it('puts the parms of encryption in the extension of ap2002', () => {
    const e2ee = { kdsUri: 'https://kds.alpha.example', kdsToken: 't', kdsId: '2' };
    const doc = parseConfigDocument(writeConfigDocument({ ...CONFIG, e2ee }));
    expect(findParm(doc, 'ap2002', `SERVICEPROVIDEREXT/${E2EE_PARMS.kdsId}`)).toBe('2');
    expect(findParm(doc, 'ap2002', 'parley-kds-uri')).toBe('https://kds.alpha.example');
  });

  it('gives any configuration back, in either shape', () => {
    const text = fc.stringMatching(/^[!-~]([ -~é👍]{0,20}[!-~])?$/u);
    const count = fc.nat({ max: 2_000_000_000 });
    const flag = fc.boolean();
    const legacyIm: fc.Arbitrary<LegacyIm | undefined> = fc
      .record(
        {
          ...{ capAlwaysOn: flag, fileTransferCapAlwaysOn: flag, messageTechnology: count },
          ...{ sessionStart: count, firstMessageInvite: flag, maxSize1toM: count },
          ...{ groupChatFullStoreAndForward: flag, groupChatOnlyFullStoreAndForward: flag },
          ...{ fileTransferStoreAndForward: flag, smsFallback: count, warnOfStoreAndForward: flag },
          ...{ maxConcurrentSessions: count, deferredMessagingUri: text },
        },
        { requiredKeys: [] },
      )
      .map((im) => (Object.keys(im).length === 0 ? undefined : im));
    const config: fc.Arbitrary<RcsConfig> = fc.record(
      {
        version: fc.integer({ min: 1, max: 1_000_000 }),
        validitySeconds: count,
        token: text,
        tokenValiditySeconds: count,
        smsPort: fc.nat({ max: 65_535 }),
        im: legacyIm,
        impi: text,
        impu: fc.array(text, { minLength: 1, maxLength: 3 }),
        homeDomain: text,
        pcscf: fc.array(
          fc.record({
            host: fc.constantFrom('p.example', '10.0.0.1', '2001:db8::1'),
            port: fc.integer({ min: 1, max: 65535 }),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        auth: fc.record({ type: fc.constant('Digest' as const), realm: text, userName: text, userPwd: text }),
        instanceId: fc.oneof(fc.constant(''), fc.uuid()),
        psSignalling: fc.constantFrom('SIPoUDP', 'SIPoTCP', 'SIPoTLS'),
        psMedia: fc.constantFrom('MSRP', 'MSRPoTLS'),
        timers: fc.record({ t1: count, t2: count, t4: count }),
        services: fc.record({
          chat: fc.boolean(),
          groupChat: fc.boolean(),
          fileTransferHttp: fc.boolean(),
          standaloneMsg: fc.boolean(),
        }),
        standaloneMsg: fc.record({ maxSize: count, switchoverSize: count }),
        capDiscovery: fc.record({
          capInfoExpirySeconds: count,
          nonRcsCapInfoExpirySeconds: count,
          defaultDisc: fc.constantFrom('options', 'presence', 'off'),
        }),
        e2ee: fc.record({ kdsUri: text, kdsToken: text, kdsId: text }),
      },
      {
        requiredKeys: [
          ...([
            'version',
            'validitySeconds',
            'impi',
            'impu',
            'homeDomain',
            'pcscf',
            'auth',
            'instanceId',
          ] as const),
          ...(['psSignalling', 'psMedia', 'services', 'standaloneMsg', 'capDiscovery'] as const),
        ],
      },
    );
    fc.assert(
      fc.property(config, fc.constantFrom('nested', 'flat'), ({ tokenValiditySeconds, ...rest }, shape) => {
        // A validity says nothing without the token it is of.
        const given =
          rest.token === undefined || tokenValiditySeconds === undefined
            ? rest
            : { ...rest, tokenValiditySeconds };
        expect(readRcsConfig(parseConfigDocument(writeConfigDocument(given, shape)))).toEqual(given);
      }),
    );
  });

  it('gives any tree back', () => {
    const name = fc.string({ unit: 'grapheme-composite', maxLength: 10 }).filter((s) => s.isWellFormed());
    const parms = fc.array(fc.record({ name, value: name }), { maxLength: 3 });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.record({
        type: name,
        parms,
        characteristics: fc.oneof({ maxDepth: 6 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 2 })),
      }),
    }));
    fc.assert(
      fc.property(tree, (any) => {
        const given = { ...(any as ReturnType<typeof document>), type: 'wap-provisioningdoc' as const };
        expect(parseConfigDocument(serializeConfigDocument(given))).toEqual(given);
      }),
    );
  });
});

describe('a flat document', () => {
  const im: LegacyIm = { messageTechnology: 0, sessionStart: 1, fileTransferMechanism: 'HTTP' };
  const doc = parseConfigDocument(writeConfigDocument({ ...CONFIG, im }, 'flat'));

  it('has one application, and none that is called ap2002', () => {
    expect(applications(doc)).toHaveLength(1);
    expect(applications(doc, 'ap2002')).toEqual([]);
  });

  it.each([
    ['IM/imMsgTech', '0'],
    ['IM/imSessionStart', '1'],
    ['IM/ftDefaultMech', 'HTTP'],
    ['IM/MaxSize1to1', '8192'],
    ['IM/conf-fcty-uri', 'sip:focus@conf.alpha.example'],
    ['OTHER/transportProto/psSignalling', 'SIPoTLS'],
  ])('has %s where joyn put it', (path, value) => {
    expect(findParm(doc, 'ap2001', path)).toBe(value);
  });
});

describe('a parm that a document puts in another group (hazard R73)', () => {
  it.each([
    ['RevokeTimer', 'revokeSeconds'],
    ['reconnectGuardTimer', 'reconnectGuardSeconds'],
  ])('%s is found in clientControl as in Chat', (name, key) => {
    const moved = NESTED.replace(/<parm name="RevokeTimer"[^>]*>/, '').replace(
      '<characteristic type="MESSAGING">',
      `<characteristic type="clientControl"><parm name="${name}" value="77"/></characteristic><characteristic type="MESSAGING">`,
    );
    expect(readRcsConfig(document(moved)).chat).toMatchObject({ [key]: 77 });
  });
});

it.each([
  ['86400', 86_400],
  ['-1', 0],
  ['', 0],
])('a validity of "%s" is %i s', (written, seconds) => {
  const inner = `<characteristic type="VERS"><parm name="version" value="0"/><parm name="validity" value="${written}"/></characteristic>`;
  expect(configValidity(document(inner))).toBe(seconds);
});

describe('what is no document fails as ConfigError', () => {
  it.each([
    ['nothing', ''],
    [
      'ten thousand namespaces',
      `<d ${Array.from({ length: 10_000 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}/>`,
    ],
    ['a hundred thousand levels', `${'<c>'.repeat(100_000)}${'</c>'.repeat(100_000)}`],
    ['a quarter of a million elements', `<d>${'<e/>'.repeat(250_000)}</d>`],
    ['more than a mebibyte', `<d>${' '.repeat(1 << 20)}</d>`],
    ['an entity of its own', '<!DOCTYPE d [<!ENTITY a "aaaa">]><d>&a;</d>'],
    [
      'an entity of entities',
      `<!DOCTYPE d [<!ENTITY a "${'x'.repeat(99)}"><!ENTITY b "${'&a;'.repeat(99)}">]><d>&b;</d>`,
    ],
    ['an external entity', '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'],
    ['an entity nobody declared', '<wap-provisioningdoc><parm name="&a;"/></wap-provisioningdoc>'],
    ['an OTP page', '<html><body>OTP sent</body></html>'],
    ['entities', '<!DOCTYPE w [<!ENTITY a "b">]><wap-provisioningdoc>&a;</wap-provisioningdoc>'],
    ['cut off XML', `<wap-provisioningdoc>${NESTED}`],
    [
      'nesting without end',
      `<wap-provisioningdoc>${'<characteristic type="a">'.repeat(60)}${'</characteristic>'.repeat(60)}</wap-provisioningdoc>`,
    ],
    ['too many parms', `<wap-provisioningdoc>${'<parm/>'.repeat(9000)}</wap-provisioningdoc>`],
    ['more than 1 MiB', ' '.repeat(1024 * 1024 + 1)],
  ])('%s', (_, text) => {
    expect(() => parseConfigDocument(bytes(text))).toThrow(ConfigError);
  });

  it('arbitrary bytes', () => {
    const near = fc
      .array(
        fc.constantFrom(
          '<wap-provisioningdoc>',
          '</wap-provisioningdoc>',
          '<characteristic type="VERS">',
          '<parm name="version" value="1"/>',
          '<',
          '>',
          '&',
          '"',
          ' ',
          '\0',
        ),
      )
      .map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), near), (input) => {
        try {
          readRcsConfig(parseConfigDocument(input));
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
