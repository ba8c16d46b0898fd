import { describe, expect, it } from 'vitest';
import { EventState } from '../../stack/rcs/sip/event-state.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { Publication } from '../../stack/rcs/sip/publication.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { bytes, TwoAgents } from './support/two-agents.ts';

const BOB = { transport: 'udp', host: 'bob.example', port: 5060 } as const;

class Publishing {
  readonly changes: string[] = [];
  readonly lost: number[] = [];
  readonly world = new TwoAgents({
    bob: {
      onOther: (incoming) => {
        const answer = this.state.receive(incoming.request, 'alice');
        incoming.respond(answer.status, answer);
      },
    },
  });
  readonly state = new EventState({
    clock: this.world.clock,
    random: new SeededRandom('tags'),
    events: [{ event: 'presence', contentTypes: ['application/pidf+xml'] }],
    expires: { least: 60, most: 3600, usual: 600 },
    most: { ofEntity: 2, all: 100 },
    onChanged: (entity) => void this.changes.push(`${entity}: ${this.now.join()}`),
  });

  publication(expires = 600): Publication {
    const { alice, clock } = this.world;
    const address = { uri: 'sip:alice@bob.example', from: '<sip:alice@bob.example>' };
    return new Publication({
      clock,
      event: 'presence',
      contentType: 'application/pidf+xml',
      expires,
      send: (headers, body) =>
        alice.endpoint.request(alice.agent.request('PUBLISH', address, { headers, body }), BOB),
      onLost: ({ status }) => void this.lost.push(status),
    });
  }

  get now(): string[] {
    return this.state.of('alice', 'presence').map(({ body }) => new TextDecoder().decode(body));
  }

  get sent(): string[] {
    return this.world.wire.datagrams.filter((d) => d.text.startsWith('PUBLISH')).map((d) => d.text);
  }
}

describe('PUBLISH (RFC 3903)', () => {
  it('initial, refresh without a body, change, removal: each names the tag it was given (4.2 to 4.6)', async () => {
    const publishing = new Publishing();
    const { clock } = publishing.world;
    const publication = publishing.publication();
    void publication.publish(bytes('open'));
    await clock.advance(301_000);
    expect(publishing.now).toEqual(['open']);
    void publication.publish(bytes('busy'));
    await clock.advance(100);
    expect(publishing.now).toEqual(['busy']);
    void publication.remove();
    await clock.advance(100);
    expect(publishing.now).toEqual([]);
    expect(publication.isPublished).toBe(false);
    expect(publishing.changes).toEqual(['alice: open', 'alice: busy', 'alice: ']);
    const tags = publishing.world.wire.datagrams.flatMap((d) => /SIP-ETag: (.*)\r/.exec(d.text)?.[1] ?? []);
    expect(publishing.sent.map((text) => /SIP-If-Match: (.*)\r/.exec(text)?.[1])).toEqual([
      undefined,
      tags[0],
      tags[1],
      tags[2],
    ]);
    expect(new Set(tags).size).toBe(4);
    expect(publishing.sent.map((text) => text.endsWith('\r\n\r\n'))).toEqual([false, true, false, true]);
    await clock.advance(60_000);
    expect(publishing.world.close()).toEqual({ dialogs: 0, timers: 0 });
  });

  it('412: the server has forgotten, the next one has no tag and the whole state', async () => {
    const publishing = new Publishing();
    const publication = publishing.publication();
    void publication.publish(bytes('open'));
    await publishing.world.clock.advance(100);
    publishing.state.close();
    await publishing.world.clock.advance(301_000);
    expect(publishing.now).toEqual(['open']);
    expect(publishing.world.ladder().filter((line) => line.includes('412'))).toHaveLength(1);
    publication.close();
    publishing.state.close();
    await publishing.world.clock.advance(60_000);
    expect(publishing.world.close()).toEqual({ dialogs: 0, timers: 0 });
  });

  it('423: asked again with Min-Expires', async () => {
    const publishing = new Publishing();
    const publication = publishing.publication(5);
    const done = publication.publish(bytes('open'));
    await publishing.world.clock.advance(100);
    expect(header(await done, 'Expires')).toBe('60');
    publication.close();
  });

  it('what is not refreshed expires', async () => {
    const publishing = new Publishing();
    const publication = publishing.publication();
    void publication.publish(bytes('open'));
    await publishing.world.clock.advance(100);
    publication.close();
    await publishing.world.clock.advance(601_000);
    expect(publishing.changes).toEqual(['alice: open', 'alice: ']);
  });

  it('a refresh that is refused for good is told', async () => {
    const publishing = new Publishing();
    const publication = publishing.publication();
    void publication.publish(bytes('open'));
    await publishing.world.clock.advance(100);
    publishing.world.wire.loses = () => true;
    await publishing.world.clock.advance(340_000);
    expect(publishing.lost).toEqual([408]);
    expect(publication.isPublished).toBe(false);
  });

  it.each([
    ['489 for an event nobody collects', [{ name: 'Event', value: 'dialog' }], 489],
    ['489 without Event', [], 489],
    ['415 for a body it cannot use', [EVENT(), { name: 'Content-Type', value: 'text/plain' }], 415],
    ['412 for a tag of nobody', [EVENT(), PIDF(), { name: 'SIP-If-Match', value: 'x' }], 412],
    ['400 for Expires that is no number', [EVENT(), PIDF(), { name: 'Expires', value: 'soon' }], 400],
  ])('%s', async (_, headers, status) => {
    const publishing = new Publishing();
    const { alice, clock } = publishing.world;
    const address = { uri: 'sip:alice@bob.example', from: '<sip:alice@bob.example>' };
    const request = alice.agent.request('PUBLISH', address, { headers, body: bytes('x') });
    const state = publishing.state;
    let given = 0;
    try {
      given = state.receive(request, 'alice').status;
    } catch (error) {
      given = (error as { status: number }).status;
    }
    expect(given).toBe(status);
    expect(clock.timersRunning).toBe(0);
  });

  it('an initial one without a body is 400, beyond the bound of an entity 503', () => {
    const publishing = new Publishing();
    const publish = (body: string) =>
      publishing.state.receive(
        { kind: 'request', method: 'PUBLISH', uri: 'sip:a@b', headers: [EVENT(), PIDF()], body: bytes(body) },
        'alice',
      ).status;
    expect([publish(''), publish('1'), publish('2'), publish('3')]).toEqual([400, 200, 200, 503]);
    expect(publishing.now).toEqual(['1', '2']);
  });
});

function EVENT() {
  return { name: 'Event', value: 'presence' };
}

function PIDF() {
  return { name: 'Content-Type', value: 'application/pidf+xml' };
}
