/** JsSIP, unmodified from npm, attached to a served carrier over WSS: SIP over WebSocket as RFC 7118 has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { carrierFiles } from '../../harness/serve/carrier-files.ts';
import { parseTrace } from '../../reports/trace-lines.ts';
import { folder, numberOf, serve } from '../serve/support/served.ts';
import { terminalPhone } from '../serve/support/terminal-phone.ts';
import { type JsSipPhone, jsSipPhone } from './support/jssip-process.ts';

/** JsSIP answers MD5 challenges only, and looks at the first challenge alone. */
const CARRIER = 'lab-md5';
const PAGER = { '+g.3gpp.icsi-ref': '"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"' };

async function attached(options: { readonly record?: string } = {}) {
  const state = folder();
  const server = await serve({ carriers: carrierFiles([CARRIER]), state, ...options });
  const jsSip = (...[name, more]: [string, Parameters<typeof jsSipPhone>[2]?]): JsSipPhone => {
    const phone = jsSipPhone(server.descriptor, name, more);
    onTestFinished(async () => {
      await phone.end();
    });
    return phone;
  };
  return { server, state, jsSip };
}

/** RFC 3862 around a text, asking for what IMDN can tell (RFC 5438). */
const inCpim = (id: string, text: string): string =>
  [
    'From: <sip:anonymous@anonymous.invalid>',
    'To: <sip:anonymous@anonymous.invalid>',
    'NS: imdn <urn:ietf:params:imdn>',
    `imdn.Message-ID: ${id}`,
    'DateTime: 2026-01-01T00:00:00.000Z',
    'imdn.Disposition-Notification: positive-delivery, display',
    '',
    'Content-Type: text/plain;charset=UTF-8',
    '',
    text,
  ].join('\r\n');

describe('JsSIP at a served carrier', () => {
  test('is challenged, registers by digest, and takes its leave', async () => {
    const record = folder();
    const { server, jsSip } = await attached({ record });
    const bob = jsSip('bob');
    expect(await bob.first(({ event }) => event === 'registered')).toBeDefined();
    expect(await bob.end()).toBe(0);
    expect(bob.events.at(-1)).toEqual({ event: 'unregistered' });
    await server.stop();
    const starts = parseTrace(readFileSync(join(record, 'trace.jsonl'), 'utf8')).flatMap((entry) =>
      entry.kind === 'frame' && entry.protocol === 'wss' && entry.bytes !== undefined && 'text' in entry.bytes
        ? [entry.bytes.text.split(' sip:')[0]!.split('\r\n')[0]]
        : [],
    );
    expect(starts.slice(0, 4)).toEqual([
      'REGISTER',
      'SIP/2.0 401 Unauthorized',
      'REGISTER',
      'SIP/2.0 200 OK',
    ]);
  });

  test('with a wrong password stays outside', async () => {
    const { jsSip } = await attached();
    const bob = jsSip('bob', { password: 'guessed' });
    expect(await bob.first(({ event }) => event === 'refused')).toMatchObject({ status: 403 });
  });

  test('talks with another JsSIP, both ways', async () => {
    const { server, jsSip } = await attached();
    const [alice, bob] = [jsSip('alice'), jsSip('bob')];
    for (const each of [alice, bob]) await each.first(({ event }) => event === 'registered');
    for (const [from, to, name] of [
      [alice, bob, 'bob'],
      [bob, alice, 'alice'],
    ] as const) {
      from.send({
        to: numberOf(server.descriptor, name),
        contentType: 'text/plain',
        body: `hello ${name}, déjà vu`,
      });
      expect(await from.first(({ event }) => event === 'sent')).toEqual({ event: 'sent', status: 202 });
      expect(await to.first(({ event }) => event === 'received')).toMatchObject({
        contentType: 'text/plain',
        body: `hello ${name}, déjà vu`,
      });
    }
  });

  test('exchanges messages with the terminal phone, and learns that they arrived', async () => {
    const { server, state, jsSip } = await attached();
    const bob = jsSip('bob', { tags: PAGER });
    const alice = terminalPhone('alice', state);
    await bob.first(({ event }) => event === 'registered');
    await alice.first(({ event }) => event === 'registered');

    bob.send({
      to: numberOf(server.descriptor, 'alice'),
      contentType: 'message/cpim',
      body: inCpim('jssip-1', 'hello from JsSIP'),
    });
    expect(await alice.first(({ event }) => event === 'received')).toMatchObject({
      peer: numberOf(server.descriptor, 'bob'),
      text: 'hello from JsSIP',
      badge: 'plain',
    });
    const receipt = await bob.first(
      (one) => one.event === 'received' && one.body.includes('<message-id>jssip-1</message-id>'),
    );
    expect(receipt).toMatchObject({
      contentType: 'message/cpim',
      body: expect.stringContaining('<delivered/>'),
    });

    alice.line(`${numberOf(server.descriptor, 'bob')} hello from the terminal`);
    const text = await bob.first(
      (one) => one.event === 'received' && one.body.includes('hello from the terminal'),
    );
    expect(text).toMatchObject({ contentType: 'message/cpim' });
    await alice.first((one) => one.event === 'sending' && one.state === 'sent' && one.badge === 'plain');
  });
});
