import { afterEach, describe, expect, test } from 'vitest';
import { NO_CAPABILITIES } from '../../stack/rcs/capabilities/index.ts';
import { PIDF_TYPE, readPidf, writePidf } from '../../stack/rcs/event-packages/pidf.ts';
import { RESOURCE_LISTS_TYPE, writeResourceLists } from '../../stack/rcs/event-packages/resource-lists.ts';
import { type ListState, readListState } from '../../stack/rcs/event-packages/rlmi.ts';
import {
  capabilitiesFromPidf,
  capabilitiesToPidf,
} from '../../stack/rcs/event-packages/service-descriptions.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import type { Notification } from '../../stack/rcs/sip/subscription.ts';
import { agentOn } from './agent-phone.ts';
import { ALICE, AMY, type Bench, BOB, openBench, type Settings, SMS_ANN, SMS_BEN } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const ANONYMOUS = '<sip:anonymous@anonymous.invalid>';
const PRESENCE: Settings = { capabilityDiscovery: 'presence' };

async function watchers(a: Settings = PRESENCE, b: Settings = PRESENCE) {
  bench = openBench({ a, b });
  const alice = bench.phone(ALICE);
  await bench.run(alice.register());
  return { alice, agent: agentOn(bench, alice, 'alice').agent };
}

async function registered(subscriber: typeof BOB) {
  const phone = bench.phone(subscriber);
  await bench.run(phone.register());
  return phone;
}

async function fetch(agent: Awaited<ReturnType<typeof watchers>>['agent'], msisdn: string) {
  const seen: Notification[] = [];
  const subscription = agent.subscribe({
    uri: `tel:${msisdn}`,
    from: ANONYMOUS,
    event: 'presence',
    expires: 0,
    headers: [{ name: 'Accept', value: PIDF_TYPE }],
    onNotify: (notification) => {
      seen.push(notification);
      return undefined;
    },
  });
  const end = await bench.run(subscription.ended);
  const documents = seen
    .filter(({ request }) => request.body.length > 0)
    .map(({ request }) => readPidf(request.body));
  return { end, seen, documents };
}

function publish(phone: Awaited<ReturnType<typeof registered>>, of: string, body: Uint8Array) {
  return bench.run(
    phone.request(
      'PUBLISH',
      `tel:${of}`,
      [
        { name: 'Event', value: 'presence' },
        { name: 'Content-Type', value: PIDF_TYPE },
        { name: 'Expires', value: '600' },
      ],
      body,
    ),
  );
}

describe('an anonymous fetch of presence (RCS signalling 3.2, RFC 3856, RFC 6665)', () => {
  test.each([
    ['in the same network', AMY],
    ['at the peer, over the interconnect', BOB],
  ])('%s: what was published comes in one NOTIFY that is the last', async (_, target) => {
    const { agent } = await watchers();
    const phone = await registered(target);
    const document = capabilitiesToPidf(`tel:${target.msisdn}`, {
      ...NO_CAPABILITIES,
      chat: true,
      isBot: true,
    });
    expect((await publish(phone, target.msisdn, writePidf(document))).status).toBe(200);
    const { end, seen, documents } = await fetch(agent, target.msisdn);
    expect(end).toMatchObject({ kind: 'terminated', state: { reason: 'timeout' } });
    expect(seen).toHaveLength(1);
    const { capabilities, online } = capabilitiesFromPidf(documents[0]!);
    expect(capabilities).toMatchObject({ chat: true, isBot: true, standalone: false });
    expect(online).toBe(true);
  });

  test('without a publication the network says what was registered; closed when the phone is away', async () => {
    const { agent } = await watchers();
    const amy = await registered(AMY);
    const { documents } = await fetch(agent, AMY.msisdn);
    expect(capabilitiesFromPidf(documents[0]!)).toMatchObject({
      online: true,
      capabilities: { chat: true, mlsKds: '2', mlsVersion: 'v1' },
    });
    await bench.run(amy.register(0));
    const away = await fetch(agent, AMY.msisdn);
    expect(capabilitiesFromPidf(away.documents[0]!)).toMatchObject({
      online: false,
      capabilities: { chat: true },
    });
  });

  test('a network without E2EE lets no document announce MLS, a border that strips the tags neither', async () => {
    const { agent } = await watchers(PRESENCE, {
      ...PRESENCE,
      interconnect: {
        transport: 'tls',
        middleboxes: [{ kind: 'strip-feature-tags', tags: ['+g.gsma.rcs.mls.*'] }],
      },
    });
    await registered(BOB);
    const { documents } = await fetch(agent, BOB.msisdn);
    expect(capabilitiesFromPidf(documents[0]!).capabilities).toMatchObject({ chat: true });
    expect(capabilitiesFromPidf(documents[0]!).capabilities.mlsKds).toBeUndefined();
    await bench.close();
    const off = await watchers({ ...PRESENCE, e2ee: { enabled: false } });
    const amy = await registered(AMY);
    const all = { ...NO_CAPABILITIES, chat: true, mlsKds: '2', mlsVersion: 'v1' };
    await publish(amy, AMY.msisdn, writePidf(capabilitiesToPidf(`tel:${AMY.msisdn}`, all)));
    const mine = await fetch(off.agent, AMY.msisdn);
    expect(capabilitiesFromPidf(mine.documents[0]!).capabilities).toMatchObject({ chat: true });
    expect(capabilitiesFromPidf(mine.documents[0]!).capabilities.mlsKds).toBeUndefined();
  });

  test.each([
    ['who never registered', AMY.msisdn],
    ['without RCS', SMS_ANN.msisdn],
    ['without RCS at the peer', SMS_BEN.msisdn],
    ['whom nobody knows', '+4915100000'],
  ])('404 for someone %s', async (_, number) => {
    const { agent } = await watchers();
    expect((await fetch(agent, number)).end).toMatchObject({ kind: 'refused', response: { status: 404 } });
  });

  test('489 in a network that discovers by OPTIONS; a peer that asks by presence is answered all the same', async () => {
    const { agent } = await watchers({ capabilityDiscovery: 'options' });
    await registered(AMY);
    expect((await fetch(agent, AMY.msisdn)).end).toMatchObject({
      kind: 'refused',
      response: { status: 489 },
    });
    await bench.close();
    const other = await watchers(PRESENCE, { capabilityDiscovery: 'options' });
    await registered(BOB);
    expect((await fetch(other.agent, BOB.msisdn)).documents).toHaveLength(1);
  });

  test('405 to the OPTIONS of an own phone where presence alone is used', async () => {
    const { alice } = await watchers();
    await registered(AMY);
    expect((await bench.run(alice.options(AMY.msisdn))).status).toBe(405);
  });
});

describe('a subscription that lasts', () => {
  test('each publication, and coming and going, is a NOTIFY', async () => {
    const { agent } = await watchers();
    const bob = await registered(BOB);
    const seen: string[] = [];
    const subscription = agent.subscribe({
      uri: `tel:${BOB.msisdn}`,
      from: `<tel:${ALICE.msisdn}>`,
      event: 'presence',
      expires: 600,
      headers: [{ name: 'Accept', value: PIDF_TYPE }],
      onNotify: ({ request }) => {
        const { capabilities, online } = capabilitiesFromPidf(readPidf(request.body));
        seen.push(`${online ? 'online' : 'away'}${capabilities.isBot ? ' bot' : ''}`);
        return undefined;
      },
    });
    await bench.until(() => seen.length === 1);
    const bot = capabilitiesToPidf(`tel:${BOB.msisdn}`, { ...NO_CAPABILITIES, chat: true, isBot: true });
    await publish(bob, BOB.msisdn, writePidf(bot));
    await bench.until(() => seen.length === 2);
    expect(seen).toEqual(['online', 'online bot']);
    expect(await bench.run(subscription.unsubscribe())).toMatchObject({ kind: 'terminated' });
  });
});

describe('PUBLISH at the carrier (RFC 3903)', () => {
  test.each([
    ['for another: 403', BOB.msisdn, '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="tel:+1"/>', 403],
    ['of what is no document: 400', AMY.msisdn, '<presence', 400],
    ['of another namespace: 400', AMY.msisdn, '<presence entity="tel:+1"/>', 400],
  ])('%s', async (_, of, body, status) => {
    await watchers();
    const amy = await registered(AMY);
    expect((await publish(amy, of, new TextEncoder().encode(body))).status).toBe(status);
  });
});

describe('a subscription to a list (RFC 5367, RFC 4662)', () => {
  const ask = async (
    agent: Awaited<ReturnType<typeof watchers>>['agent'],
    uris: readonly string[],
    contentType = RESOURCE_LISTS_TYPE,
  ) => {
    const lists: ListState[] = [];
    const subscription = agent.subscribe({
      uri: `tel:${ALICE.msisdn}`,
      from: `<tel:${ALICE.msisdn}>`,
      event: 'presence',
      expires: 0,
      headers: [
        { name: 'Accept', value: `${PIDF_TYPE}, application/rlmi+xml, multipart/related` },
        { name: 'Supported', value: 'eventlist' },
        { name: 'Require', value: 'recipient-list-subscribe' },
        { name: 'Content-Type', value: contentType },
      ],
      body: writeResourceLists(uris.map((uri) => ({ uri }))),
      onNotify: ({ request }) => {
        lists.push(readListState(header(request, 'Content-Type') ?? '', request.body));
        return undefined;
      },
    });
    return { end: await bench.run(subscription.ended), lists };
  };

  test('local, foreign, without RCS and unknown numbers in one NOTIFY', async () => {
    const { agent } = await watchers();
    await registered(AMY);
    await registered(BOB);
    const numbers = [AMY.msisdn, BOB.msisdn, SMS_BEN.msisdn, '+4915100000'];
    const { end, lists } = await ask(
      agent,
      numbers.map((number) => `tel:${number}`),
    );
    expect(end).toMatchObject({ kind: 'terminated' });
    expect(lists).toHaveLength(1);
    const states = lists[0]!.resources.map(({ instance }) =>
      `${instance?.state} ${instance?.reason ?? ''}`.trim(),
    );
    expect(states).toEqual(['active', 'active', 'terminated noresource', 'terminated noresource']);
    for (const { instance } of lists[0]!.resources.slice(0, 2)) {
      expect(capabilitiesFromPidf(readPidf(instance!.document!.body)).capabilities.chat).toBe(true);
    }
  });

  test('a peer that cannot be reached is no information about its subscribers', async () => {
    const { agent } = await watchers();
    bench.interconnect.cut();
    const { lists } = await ask(agent, [`tel:${BOB.msisdn}`]);
    expect(lists[0]!.resources[0]!.instance).toMatchObject({ state: 'terminated', reason: 'giveup' });
  });

  test('415 when the list is something else', async () => {
    const { agent } = await watchers();
    expect((await ask(agent, [`tel:${AMY.msisdn}`], 'text/plain')).end).toMatchObject({
      kind: 'refused',
      response: { status: 415 },
    });
  });
});
