import { describe, expect, test } from 'vitest';
import { dissectWire } from '../../harness/oracle/dissect/wire.ts';
import { judge } from '../../harness/oracle/judge.ts';
import type { FrameEntry, TraceEntry } from '../../reports/trace.ts';
import { table, theCase } from './support/case.ts';
import { type Draft, frame, healthy, numbered } from './support/trace.ts';

const options = (branch: string, contentLength = 0) =>
  [
    'OPTIONS sip:bob@core.alpha SIP/2.0',
    `Via: SIP/2.0/WSS x.invalid;branch=z9hG4bK${branch}`,
    'Max-Forwards: 70',
    'To: <sip:bob@core.alpha>',
    'From: <sip:alice@core.alpha>;tag=1',
    `Call-ID: ${branch}`,
    'CSeq: 1 OPTIONS',
    `Content-Length: ${contentLength}`,
    '',
    '',
  ].join('\r\n');

const read = (...messages: string[]) => {
  const drafts = messages.map((text) => frame('alice', 'core.alpha', text, { protocol: 'wss' }));
  return dissectWire(numbered(drafts) as FrameEntry[]);
};

describe('A WebSocket message is one SIP message (RFC 7118 section 5)', () => {
  test('each is read for itself, keep-alives between them are none', () => {
    const wire = read(options('a'), '\r\n\r\n', options('b'));
    expect(wire.sip.map(({ facts }) => facts.callId)).toEqual(['a', 'b']);
    expect(wire.malformed).toEqual([]);
  });

  test('one that goes on in the next is cut short', () => {
    const whole = options('a', 4);
    const wire = read(whole, 'body');
    expect(wire.malformed.length).toBeGreaterThan(0);
  });

  test('MSRP on a WebSocket (RFC 7977) is not taken for broken SIP', () => {
    expect(read('MSRP d93kswow SEND\r\nTo-Path: msrp://b;ws\r\n\r\n').malformed).toEqual([]);
  });
});

test('the healthy story is judged the same when its phones speak over WebSocket', () => {
  const moved = healthy().map((draft) =>
    draft.kind === 'frame' && draft.protocol === 'tls' ? ({ ...draft, protocol: 'wss' } as Draft) : draft,
  );
  const [before, after] = [healthy(), moved].map((drafts) =>
    judge(theCase(), numbered(drafts) as TraceEntry[], table()),
  );
  expect(after).toEqual(before);
});
