import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Capabilities,
  capabilitiesFromContact,
  contactParams,
  iariRef,
  icsiRef,
  MLS_TAGS,
  mlsEligible,
  NO_CAPABILITIES,
  optionsResult,
  presenceResult,
  reasonCause,
  SERVICE_TAGS,
  type Service,
  stripTags,
} from '../../stack/rcs/capabilities/index.ts';
import { writePidf } from '../../stack/rcs/event-packages/pidf.ts';
import { capabilitiesToPidf } from '../../stack/rcs/event-packages/service-descriptions.ts';

const ICSI = '+g.3gpp.icsi-ref';
const IARI = '+g.3gpp.iari-ref';
const read = (params: Record<string, string | undefined>) =>
  capabilitiesFromContact(new Map(Object.entries(params)));
const services = (capabilities: Capabilities) =>
  (Object.keys(SERVICE_TAGS) as Service[]).filter((service) => capabilities[service]);

/** In the form of docs/rcs-signalling.md 2.3. */
const REGISTER_CONTACT = {
  '+sip.instance': '<urn:uuid:0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001>',
  'reg-id': '1',
  [ICSI]:
    'urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg,urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session',
  [IARI]:
    'urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.fthttp,urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.geopush,urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.chatbot.sa',
  '+g.gsma.rcs.botversion': '#=1,#=2',
  '+g.gsma.rcs.msgrevoke': undefined,
  '+g.gsma.rcs.mls.mls-version': 'v1',
  '+g.gsma.rcs.mls.mls-kds': '2',
  expires: '600000',
};

describe('feature tags of a Contact (docs/rcs-signalling.md 2.1)', () => {
  it('tell the services of the REGISTER example', () => {
    const capabilities = read(REGISTER_CONTACT);
    expect(services(capabilities)).toEqual([
      ...[
        'chat',
        'standalone',
        'largeMessage',
        'fileTransferHttp',
        'geolocationPush',
        'chatbotStandalone',
        'msgRevoke',
      ],
    ]);
    expect(capabilities).toMatchObject({
      mlsVersion: 'v1',
      mlsKds: '2',
      botVersion: '#=1,#=2',
      truncated: false,
    });
    expect(capabilities.raw.get('reg-id')).toBe('1');
  });

  it.each([
    ['literal colons', { [ICSI]: 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session' }],
    ['lower-case percent codes', { [ICSI]: 'urn%3aurn-7%3a3gpp-service.ims.icsi.oma.cpm.session' }],
    ['upper case', { '+G.3GPP.ICSI-REF': icsiRef('oma.cpm.session').toUpperCase().replaceAll('%3a', '%3A') }],
    ['quotes', { [ICSI]: `"${icsiRef('oma.cpm.session')}"` }],
    ['quotes around each value', { [ICSI]: `"${icsiRef('oma.cpm.msg')}", "${icsiRef('oma.cpm.session')}"` }],
    ['angle brackets', { [ICSI]: `"<${icsiRef('oma.cpm.session')}>"` }],
    [
      'a second list in another case (hazard R13)',
      { [ICSI]: icsiRef('oma.cpm.msg'), '+g.3GPP.icsi-ref': icsiRef('oma.cpm.session') },
    ],
  ])('tell chat whatever their form: %s (hazard R14)', (_, params: Record<string, string>) => {
    expect(read(params).chat).toBe(true);
  });

  it('tell a service without value, with an empty one, and quoted', () => {
    for (const value of [undefined, '', '""', 'true']) {
      expect(read({ '+G.Oma.Sip-IM': value }).simpleIm, `value ${value}`).toBe(true);
    }
    expect(read({ automata: '"FALSE"' }).automata).toBe(false);
  });

  it('that are typos tell nothing (hazard R48)', () => {
    const capabilities = read({
      [IARI]: `${iariRef('rcs.geosm')},urn%3Aurn-7%3A3gppapplication.ims.iari.rcs.fthttp`,
    });
    expect(services(capabilities)).toEqual([]);
  });

  it('with unbalanced quotes or half a percent code are read as far as they go, and marked (hazard R16)', () => {
    const cut = read({ [ICSI]: `"${icsiRef('oma.cpm.session')},urn%3Aurn-7%3A3gpp-serv` });
    expect(cut).toMatchObject({ chat: true, truncated: true });
    expect(read({ [ICSI]: `${icsiRef('oma.cpm.session')},urn%3` }).truncated).toBe(true);
  });

  it('of any shape never make the reader fail', () => {
    const name = fc.oneof(
      fc.constantFrom(ICSI, IARI, 'automata', '+g.gsma.rcs.mls.mls-kds', '__proto__'),
      fc.string(),
    );
    const value = fc.option(fc.oneof(fc.string(), fc.constant('%'), fc.constant(icsiRef('oma.cpm.msg'))), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (params) => {
        const capabilities = capabilitiesFromContact(new Map(params));
        stripTags(params, ['rcs.*', 'automata']);
        mlsEligible(capabilities, capabilities);
      }),
    );
  });
});

describe('the parameters a profile announces', () => {
  const capabilities: Capabilities = {
    ...NO_CAPABILITIES,
    chat: true,
    simpleIm: true,
    standalone: true,
    fileTransferHttp: true,
    msgRevoke: true,
    mlsVersion: 'v1',
    mlsKds: '2',
  };

  it('UP 3.0: CPM services in one list each, revocation, MLS', () => {
    expect(contactParams(capabilities, '3.0')).toEqual([
      [ICSI, `${icsiRef('oma.cpm.session')},${icsiRef('oma.cpm.msg')}`],
      [IARI, 'urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.fthttp'],
      ['+g.gsma.rcs.msgrevoke', undefined],
      ['+g.gsma.rcs.mls.mls-version', 'v1'],
      ['+g.gsma.rcs.mls.mls-kds', '2'],
    ]);
  });

  it('UP 2.4: the same without MLS', () => {
    const names = contactParams(capabilities, '2.4').map(([name]) => name);
    expect(names).toEqual([ICSI, IARI, '+g.gsma.rcs.msgrevoke']);
  });

  it('joyn: SIMPLE IM instead of CPM', () => {
    expect(contactParams(capabilities, 'joyn')).toEqual([
      [IARI, `${iariRef('rcse.im')},${iariRef('rcs.fthttp')}`],
      ['+g.oma.sip-im', undefined],
    ]);
  });

  it('are read back to the same services', () => {
    const up3 = (Object.keys(SERVICE_TAGS) as Service[]).filter((service) =>
      SERVICE_TAGS[service].some((tag) => (tag.profiles as readonly string[]).includes('3.0')),
    );
    fc.assert(
      fc.property(fc.subarray(up3), (some) => {
        const given = {
          ...NO_CAPABILITIES,
          ...Object.fromEntries(some.map((service) => [service, true])),
        } as Capabilities;
        expect(services(capabilitiesFromContact(new Map(contactParams(given))))).toEqual(services(given));
      }),
    );
  });
});

describe('eligibility for MLS (RCC.16 5; docs/rcc16.md 3.2)', () => {
  const own = read(REGISTER_CONTACT);
  const peer = (params: Record<string, string | undefined>) =>
    read({ [ICSI]: icsiRef('oma.cpm.session'), ...params });

  it.each([
    ['nothing known', undefined, undefined],
    ['an answer without a feature tag', read({ expires: '60' }), undefined],
    ['no mls-kds', peer({ '+g.gsma.rcs.mls.mls-version': 'v1' }), false],
    ['mls-kds and v1', peer({ '+g.gsma.rcs.mls.mls-kds': '2', '+g.gsma.rcs.mls.mls-version': 'v1' }), true],
    ['another version', peer({ '+g.gsma.rcs.mls.mls-kds': '2', '+g.gsma.rcs.mls.mls-version': 'v9' }), false],
    ['mls-kds alone', peer({ '+g.gsma.rcs.mls.mls-kds': '2' }), false],
    ['a cut-off answer', peer({ '+g.gsma.rcs.botversion': '"#=1' }), undefined],
  ] as const)('peer with %s: %3$s', (_, capabilities, expected) => {
    expect(mlsEligible(own, capabilities)).toBe(expected);
  });

  it('by the same launch iteration of the vendor', () => {
    const tags = { '+g.gsma.rcs.mls.mls-kds': '2', '+g.google.rcs.mls-launch-iteration': '1' };
    expect(mlsEligible(peer(tags), peer(tags))).toBe(true);
    expect(mlsEligible(own, peer(tags))).toBe(false);
  });

  it('needs own readiness: without own tags it is no, even when nothing is known of the peer', () => {
    expect(mlsEligible(NO_CAPABILITIES, peer(REGISTER_CONTACT))).toBe(false);
    expect(mlsEligible(NO_CAPABILITIES, undefined)).toBe(false);
  });

  it('needs key directories that interwork', () => {
    expect(mlsEligible(own, read(REGISTER_CONTACT), (kds) => kds === '1')).toBe(false);
  });
});

describe('an answer to OPTIONS (docs/rcs-signalling.md 3.1)', () => {
  const chat = read({ [ICSI]: icsiRef('oma.cpm.session') });
  const offline = read({ [ICSI]: icsiRef('oma.cpm.session'), automata: undefined });
  const phone = read({ '+g.3gpp.smsip': undefined });
  const cut = read({ [ICSI]: '"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.c' });

  it.each([
    [200, chat, { rcs: 'yes', online: true, keepOld: false }],
    [200, read({ '+g.oma.sip-im': undefined }), { rcs: 'yes', online: true, keepOld: false }],
    [200, offline, { rcs: 'yes', online: false, keepOld: false }],
    [200, phone, { rcs: 'no', keepOld: false }],
    [200, undefined, { rcs: 'no', keepOld: false }],
    [200, cut, { rcs: 'unknown', keepOld: true }],
    [404, undefined, { rcs: 'no', keepOld: false }],
    [405, undefined, { rcs: 'no', keepOld: false }],
    [604, undefined, { rcs: 'no', keepOld: false }],
    [480, undefined, { rcs: 'unknown', online: false, keepOld: true }],
    [408, undefined, { rcs: 'unknown', online: false, keepOld: true }],
    [403, undefined, { rcs: 'unknown', keepOld: true }],
    [406, undefined, { rcs: 'unknown', keepOld: true }],
    [488, undefined, { rcs: 'unknown', keepOld: true }],
    [500, undefined, { rcs: 'unknown', keepOld: true, next: 'back-off' }],
    [503, undefined, { rcs: 'unknown', keepOld: true, next: 'back-off' }],
    [504, undefined, { rcs: 'unknown', keepOld: true, next: 'back-off' }],
    [603, undefined, { rcs: 'unknown', keepOld: true }],
  ] as const)('%i', (status, capabilities, expected) => {
    expect(optionsResult(status, capabilities)).toEqual(expected);
  });
});

describe('a network that strips tags (hazard R15)', () => {
  const params = new Map(Object.entries(REGISTER_CONTACT));

  it('leaves the rest as it was', () => {
    const kept = stripTags(params, MLS_TAGS);
    expect([...kept.keys()]).toEqual([...params.keys()].filter((name) => !name.includes('mls')));
    expect(kept.get(ICSI)).toBe(params.get(ICSI));
    expect(capabilitiesFromContact(kept).mlsKds).toBeUndefined();
  });

  it('takes names by their beginning', () => {
    expect([...stripTags(params, ['+g.gsma.*']).keys()]).toEqual([
      '+sip.instance',
      'reg-id',
      ICSI,
      IARI,
      'expires',
    ]);
  });

  it('takes single services out of a list, and an empty list away', () => {
    const kept = stripTags(params, ['rcs.geopush', 'RCS.chatbot.sa', 'oma.cpm.*']);
    expect(kept.get(IARI)).toBe(iariRef('rcs.fthttp'));
    expect(kept.has(ICSI)).toBe(false);
  });

  it('keeps the quotes around a list', () => {
    const quoted = stripTags(
      [[IARI, `"${iariRef('rcs.fthttp')},${iariRef('rcs.geopush')}"`]],
      ['rcs.geopush'],
    );
    expect(quoted.get(IARI)).toBe(`"${iariRef('rcs.fthttp')}"`);
  });
});

describe('what stands beside the status (docs/rcs-signalling.md 3.1)', () => {
  it('a Reason header with a SIP cause counts in its place', () => {
    expect(reasonCause('SIP;cause=404;text="Not Found"')).toBe(404);
    expect(reasonCause('Q.850;cause=16, SIP ; text="x"; cause="480"')).toBe(480);
    for (const value of [undefined, '', 'SIP;cause=99', 'SIP;cause=', 'SIP;text="none"']) {
      expect(reasonCause(value)).toBeUndefined();
    }
    expect(reasonCause('Q.850;cause=16')).toBeUndefined();
    expect(optionsResult(480, undefined, { cause: 404 })).toEqual({ rcs: 'no', keepOld: false });
    expect(optionsResult(404, undefined, { cause: 480 })).toMatchObject({ rcs: 'unknown', keepOld: true });
  });

  it.each([
    ['User not registered', 'register'],
    ['Not authorized for Presence', 'stop'],
    ['not authorised', 'stop'],
    ['Forbidden', undefined],
  ])('403 %s: %s', (reason, next) => {
    expect(optionsResult(403, undefined, { reason }).next).toBe(next);
    expect(optionsResult(403, undefined, { reason })).toMatchObject({ rcs: 'unknown', keepOld: true });
  });
});

describe('a fetch of presence (docs/rcs-signalling.md 3.2)', () => {
  const document = (services: readonly Service[], basic: 'open' | 'closed' = 'open') => {
    const all = { ...NO_CAPABILITIES, ...Object.fromEntries(services.map((service) => [service, true])) };
    return writePidf(capabilitiesToPidf('tel:+1', all as Capabilities, { basic }));
  };
  it.each([
    ['a document with messaging', { kind: 'notified', document: document(['chat']) }, 'yes', true],
    [
      'closed: the network knows, the phone is away',
      { kind: 'notified', document: document(['chat'], 'closed') },
      'yes',
      false,
    ],
    [
      'a document without messaging',
      { kind: 'notified', document: document(['sharedMap']) },
      'no',
      undefined,
    ],
    ['no document, noresource', { kind: 'notified', reason: 'noresource' }, 'no', undefined],
    ['no document, rejected', { kind: 'notified', reason: 'rejected' }, 'unknown', undefined],
    ['a document that is none', { kind: 'notified', document: new Uint8Array([60]) }, 'unknown', undefined],
    ['404', { kind: 'refused', status: 404, phrase: '' }, 'no', undefined],
    ['480', { kind: 'refused', status: 480, phrase: '' }, 'unknown', false],
    [
      '489: the network does it otherwise',
      { kind: 'refused', status: 489, phrase: '' },
      'unknown',
      undefined,
    ],
    ['405 likewise', { kind: 'refused', status: 405, phrase: '' }, 'unknown', undefined],
    ['silence', { kind: 'silence' }, 'unknown', undefined],
  ] as const)('%s', (_, answer, rcs, online) => {
    expect(presenceResult(answer)).toMatchObject({ rcs, ...(online !== undefined && { online }) });
  });
});
