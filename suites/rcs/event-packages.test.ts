import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_CAPABILITIES, SERVICE_TAGS, type Service } from '../../stack/rcs/capabilities/index.ts';
import {
  applyConferenceInfo,
  type ConferenceInfo,
  readConferenceInfo,
  writeConferenceInfo,
} from '../../stack/rcs/event-packages/conference-info.ts';
import { EventBodyError } from '../../stack/rcs/event-packages/document.ts';
import { readPidf, writePidf } from '../../stack/rcs/event-packages/pidf.ts';
import { readReginfo, writeReginfo } from '../../stack/rcs/event-packages/reginfo.ts';
import { readResourceLists, writeResourceLists } from '../../stack/rcs/event-packages/resource-lists.ts';
import { readListState, writeListState } from '../../stack/rcs/event-packages/rlmi.ts';
import {
  capabilitiesFromPidf,
  capabilitiesToPidf,
} from '../../stack/rcs/event-packages/service-descriptions.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('application/reginfo+xml', () => {
  // RFC 3680 section 5.3.2.
  const EXAMPLE = `<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="1" state="partial">
  <registration aor="sip:joe@example.com" id="a7" state="active">
    <contact id="76" state="active" event="registered" duration-registered="7322" q="0.8">
      <uri>sip:joe@pc887.example.com</uri>
    </contact>
    <contact id="77" state="terminated" event="expired" duration-registered="3600" q="0.5">
      <uri>sip:joe@university.edu</uri>
    </contact>
  </registration>
</reginfo>`;

  it('the example of RFC 3680 5.3.2', () => {
    expect(readReginfo(bytes(EXAMPLE))).toEqual({
      version: 1,
      state: 'partial',
      registrations: [
        {
          aor: 'sip:joe@example.com',
          id: 'a7',
          state: 'active',
          contacts: [
            { id: '76', state: 'active', event: 'registered', uri: 'sip:joe@pc887.example.com' },
            { id: '77', state: 'terminated', event: 'expired', uri: 'sip:joe@university.edu' },
          ],
        },
      ],
    });
  });

  it('what is written is read: parameters, GRUUs (RFC 5628), times', () => {
    const info = {
      version: 4,
      state: 'full',
      registrations: [
        {
          aor: 'sip:+1@a',
          id: 'r1',
          state: 'terminated',
          contacts: [
            {
              id: 'c1',
              state: 'terminated',
              event: 'probation',
              uri: 'sip:ue@a?x="&<y>',
              expires: 0,
              retryAfter: 60,
              callId: 'abc@"x"',
              cseq: 9,
              displayName: 'Ä & "B"',
              params: new Map([
                ['+sip.instance', '"<urn:uuid:1>"'],
                ['automata', ''],
              ]),
              publicGruu: 'sip:+1@a;gr=urn:uuid:1',
              temporaryGruu: { uri: 'sip:tgruu@a;gr', firstCseq: 54 },
            },
          ],
        },
      ],
    } as const;
    expect(readReginfo(writeReginfo(info))).toEqual(info);
  });
});

describe('application/pidf+xml and service descriptions (RCS signalling 3.2)', () => {
  it('reads prefixes, white space and case as they come', () => {
    const document = `<p:presence xmlns:p="urn:ietf:params:xml:ns:pidf" xmlns:op="urn:oma:xml:prs:pidf:oma-pres"
      xmlns:c="urn:ietf:params:xml:ns:pidf:caps" entity="tel:+1">
      <p:tuple id="a"><p:status><p:basic> OPEN </p:basic></p:status><op:service-description>
        <op:service-id> org.OpenMobileAlliance:chatsession</op:service-id><op:version>2.0</op:version>
      </op:service-description><p:contact>tel:+1</p:contact></p:tuple>
      <p:tuple id="b"><p:status><p:basic>open</p:basic></p:status><op:service-description>
        <op:service-id>org.3gpp.urn:urn-7:3gpp-service.ims.icsi.mmtel</op:service-id><op:version>1.0</op:version>
      </op:service-description><c:servcaps><c:audio>true</c:audio><c:video>false</c:video></c:servcaps></p:tuple>
      <p:tuple id="c"><p:status/></p:tuple></p:presence>`;
    const pidf = readPidf(bytes(document));
    expect(pidf.tuples.map(({ id, basic, contact }) => [id, basic, contact])).toEqual([
      ['a', 'open', 'tel:+1'],
      ['b', 'open', undefined],
      ['c', 'open', undefined],
    ]);
    const { capabilities, online } = capabilitiesFromPidf(pidf);
    expect(capabilities).toMatchObject({ chat: true, ipCall: true, ipVideoCall: false, standalone: false });
    expect(online).toBe(true);
  });

  const described: readonly Service[] = [
    ...([
      'standalone',
      'chat',
      'simpleIm',
      'groupStoreAndForward',
      'fileTransfer',
      'fileTransferHttp',
    ] as const),
    ...([
      'fileThumbnail',
      'fileTransferSms',
      'geolocationPush',
      'geolocationSms',
      'chatbot',
      'isBot',
    ] as const),
    ...(['chatbotStandalone', 'presenceDiscovery', 'callComposer', 'callUnanswered', 'sharedMap'] as const),
  ];

  it('every service of the table goes there and back; others are left out', () => {
    fc.assert(
      fc.property(fc.subarray([...described]), fc.boolean(), fc.boolean(), (services, open, mls) => {
        const wanted = {
          ...NO_CAPABILITIES,
          ...Object.fromEntries(services.map((service) => [service, true])),
          ...(mls && { mlsVersion: 'v1', mlsKds: '2' }),
        };
        const written = writePidf(capabilitiesToPidf('tel:+1', wanted, { basic: open ? 'open' : 'closed' }));
        const { capabilities, online } = capabilitiesFromPidf(readPidf(written));
        for (const service of Object.keys(SERVICE_TAGS) as Service[]) {
          // One id stands for pager and large messages.
          const expected = service === 'largeMessage' ? wanted.standalone : wanted[service];
          expect(capabilities[service], service).toBe(expected);
        }
        expect(capabilities.mlsKds).toBe(mls ? '2' : undefined);
        expect(online).toBe(open && services.length > 0);
      }),
    );
  });
});

describe('application/conference-info+xml (RFC 4575; RCS signalling 4.7)', () => {
  const full: ConferenceInfo = {
    entity: 'sip:focus-77@conf.alpha.example',
    state: 'full',
    version: 1,
    subject: 'Picnic & more',
    maximumUserCount: 100,
    userCount: 2,
    users: [
      {
        entity: 'tel:+1',
        state: 'full',
        yourOwn: true,
        endpoints: [{ entity: 'tel:+1', status: 'connected' }],
      },
      {
        entity: 'tel:+2',
        state: 'full',
        roles: ['participant'],
        endpoints: [{ entity: 'tel:+2', status: 'pending' }],
      },
    ],
  };
  const partial = (version: number, user: NonNullable<ConferenceInfo['users']>[number]): ConferenceInfo => ({
    entity: full.entity,
    state: 'partial',
    version,
    users: [user],
  });

  it('what is written is read', () => {
    expect(readConferenceInfo(writeConferenceInfo(full))).toEqual(full);
  });

  it('a partial document changes and deletes; an old one is ignored; a gap asks for a full one (4.6, hazard R19)', () => {
    const joined = partial(2, {
      entity: 'tel:+2',
      state: 'partial',
      endpoints: [{ entity: 'tel:+2', status: 'connected' }],
    });
    const step = applyConferenceInfo(full, joined);
    if (step.kind !== 'applied') throw new Error(step.kind);
    expect(step.info.users?.[1]).toMatchObject({
      roles: ['participant'],
      endpoints: [{ status: 'connected' }],
    });
    expect(step.info.subject).toBe(full.subject);
    expect(applyConferenceInfo(step.info, joined)).toEqual({ kind: 'ignored' });
    expect(applyConferenceInfo(full, partial(3, joined.users![0]!))).toEqual({ kind: 'gap' });
    expect(applyConferenceInfo(undefined, joined)).toEqual({ kind: 'gap' });
    const left = applyConferenceInfo(
      step.info,
      partial(3, { entity: 'tel:+1', state: 'deleted', endpoints: [] }),
    );
    if (left.kind !== 'applied') throw new Error(left.kind);
    expect(left.info.users?.map(({ entity }) => entity)).toEqual(['tel:+2']);
    expect(applyConferenceInfo(left.info, { ...full, version: 9 })).toMatchObject({ kind: 'applied' });
  });

  it('however partial documents arrive, what is applied is the state of the last full run of versions', () => {
    const users = ['tel:+1', 'tel:+2', 'tel:+3'];
    const statuses = ['connected', 'pending', 'disconnected'];
    const change = fc.tuple(fc.constantFrom(...users), fc.constantFrom(...statuses), fc.boolean());
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const expected = new Map<string, string>();
        let known: ConferenceInfo | undefined = { ...full, version: 0, users: [] };
        changes.forEach(([entity, status, gone], index) => {
          if (gone) expected.delete(entity);
          else expected.set(entity, status);
          const next = partial(index + 1, {
            entity,
            state: gone ? 'deleted' : 'full',
            endpoints: gone ? [] : [{ entity, status }],
          });
          const step = applyConferenceInfo(known, readConferenceInfo(writeConferenceInfo(next)));
          if (step.kind === 'applied') known = step.info;
        });
        const seen = new Map(known.users!.map((user) => [user.entity, user.endpoints[0]!.status]));
        expect(seen).toEqual(expected);
      }),
    );
  });
});

describe('application/resource-lists+xml (RFC 4826, RFC 5364)', () => {
  it('entries of lists within lists, each URI once, with copy control', () => {
    const document = `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"
      xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>
      <entry uri="tel:+1" cp:copyControl="to"><display-name>One</display-name></entry>
      <list name="inner"><entry uri="tel:+2"/><entry uri="tel:+1"/></list></list></resource-lists>`;
    const entries = [{ uri: 'tel:+1', displayName: 'One', copyControl: 'to' }, { uri: 'tel:+2' }];
    expect(readResourceLists(bytes(document))).toEqual(entries);
    expect(readResourceLists(writeResourceLists(entries as never))).toEqual(entries);
  });

  it('more than 1024 entries are refused', () => {
    const many = Array.from({ length: 1025 }, (_, index) => ({ uri: `tel:+${index}` }));
    expect(() => readResourceLists(writeResourceLists(many))).toThrow(EventBodyError);
  });
});

describe('application/rlmi+xml (RFC 4662)', () => {
  it('a list with documents, terminated and unknown resources goes there and back', () => {
    const list = {
      uri: 'sip:list@a',
      version: 3,
      fullState: true,
      resources: [
        {
          uri: 'tel:+1',
          name: 'One',
          instance: {
            id: '1',
            state: 'active',
            document: { contentType: 'application/pidf+xml', body: bytes('\r\n<x/>\r\n') },
          },
        },
        { uri: 'tel:+2', instance: { id: '1', state: 'terminated', reason: 'noresource' } },
        { uri: 'tel:+3' },
      ],
    } as const;
    const { contentType, body } = writeListState(list, 'b0undary');
    expect(readListState(contentType, body)).toEqual(list);
  });

  it('the root part is the one that start names, else the first', () => {
    const rlmi = '<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:l" version="0" fullState="true"/>';
    const part = (id: string, content: string) => `--x\r\nContent-ID: ${id}\r\n\r\n${content}\r\n`;
    const body = bytes(`${part('<a>', 'no XML')}${part('<b>', rlmi)}--x--\r\n`);
    expect(readListState('multipart/related;boundary=x;start="<b>"', body).uri).toBe('sip:l');
    expect(() => readListState('multipart/related;boundary=x', body)).toThrow(EventBodyError);
  });
});

describe('whatever the bytes', () => {
  const readers = { readReginfo, readPidf, readConferenceInfo, readResourceLists };
  const words = [
    '<',
    '>',
    '/',
    '"',
    'reginfo',
    'presence',
    'list',
    'user',
    ' xmlns="urn:ietf:params:xml:ns:pidf"',
    'é',
  ];

  it.each(Object.entries(readers))('%s throws only its own error', (_, read) => {
    const text = fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 60 })), (input) => {
        try {
          read(input);
        } catch (error) {
          expect(error).toBeInstanceOf(EventBodyError);
        }
      }),
    );
  });
});
