import { describe, expect, it } from 'vitest';
import { setHeader } from '../../stack/rcs/sip/headers.ts';
import {
  InviteServerTransaction,
  NonInviteServerTransaction,
  serverKey,
} from '../../stack/rcs/sip/transaction.ts';
import { parseVia } from '../../stack/rcs/sip/via.ts';
import { responseTo, serverBench, withVia } from './support/transaction-bench.ts';

describe('the non-INVITE server transaction (RFC 3261 17.2.2)', () => {
  it('repeats its last response to each repetition of the request, until Timer J', async () => {
    const { clock, options, log } = serverBench('MESSAGE', false);
    const transaction = new NonInviteServerTransaction(options);
    transaction.receive(withVia('MESSAGE'));
    await clock.advance(10);
    transaction.respond(responseTo('MESSAGE', 200));
    await clock.advance(490);
    transaction.receive(withVia('MESSAGE'));
    await clock.advance(60_000);
    expect(log).toEqual([
      [10, 'send 200'],
      [500, 'send 200'],
      [32_010, 'terminated'],
    ]);
    expect(clock.timersRunning).toBe(0);
  });

  it('over TCP Timer J is zero', () => {
    const { options, log } = serverBench('MESSAGE', true);
    new NonInviteServerTransaction(options).respond(responseTo('MESSAGE', 200));
    expect(log.map(([, what]) => what)).toEqual(['send 200', 'terminated']);
  });

  it('sends one final response', () => {
    const { options, log } = serverBench('MESSAGE', false);
    const transaction = new NonInviteServerTransaction(options);
    expect(transaction.respond(responseTo('MESSAGE', 100))).toBe(true);
    expect(transaction.respond(responseTo('MESSAGE', 200))).toBe(true);
    expect(transaction.respond(responseTo('MESSAGE', 500))).toBe(false);
    expect(log.map(([, what]) => what)).toEqual(['send 100', 'send 200']);
  });

  it('answers nothing once the client has given up (RFC 4320 4.2)', async () => {
    const { clock, options, log } = serverBench('MESSAGE', false);
    const transaction = new NonInviteServerTransaction(options);
    await clock.advance(32_000);
    expect(transaction.respond(responseTo('MESSAGE', 200))).toBe(false);
    expect(log).toEqual([[32_000, 'terminated']]);
  });
});

describe('the INVITE server transaction (RFC 3261 17.2.1, RFC 6026)', () => {
  it('sends 100 by itself after 200 ms, and its last response to each repetition', async () => {
    const { clock, options, log } = serverBench('INVITE', false);
    const transaction = new InviteServerTransaction(options);
    await clock.advance(300);
    transaction.receive(withVia('INVITE'));
    transaction.respond(responseTo('INVITE', 180));
    transaction.receive(withVia('INVITE'));
    expect(log).toEqual([
      [200, 'send 100'],
      [300, 'send 100'],
      [300, 'send 180'],
      [300, 'send 180'],
    ]);
  });

  it('over UDP repeats a refusal by Timer G until Timer H', async () => {
    const { clock, options, log } = serverBench('INVITE', false);
    new InviteServerTransaction(options).respond(responseTo('INVITE', 486));
    await clock.advance(60_000);
    const sends = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(log).toEqual([...sends.map((at) => [at, 'send 486']), [32_000, 'terminated'], [32_000, 'no ACK']]);
  });

  it('the ACK stops Timers G and H; Timer I takes up further ACKs for T4', async () => {
    const { clock, options, log } = serverBench('INVITE', false);
    const transaction = new InviteServerTransaction(options);
    transaction.respond(responseTo('INVITE', 486));
    await clock.advance(40);
    transaction.receive(withVia('ACK'));
    transaction.receive(withVia('ACK'));
    expect(transaction.state).toBe('confirmed');
    await clock.advance(60_000);
    expect(log).toEqual([
      [0, 'send 486'],
      [5040, 'terminated'],
    ]);
  });

  it('over TCP a refusal is sent once, and Timer I is zero', async () => {
    const { clock, options, log } = serverBench('INVITE', true);
    const transaction = new InviteServerTransaction(options);
    transaction.respond(responseTo('INVITE', 486));
    await clock.advance(10_000);
    transaction.receive(withVia('ACK'));
    expect(log).toEqual([
      [0, 'send 486'],
      [10_000, 'terminated'],
    ]);
  });

  it('after a 2xx it absorbs the INVITE, and passes up ACKs and down further 2xx, until Timer L (RFC 6026 7.1)', async () => {
    const { clock, options, log } = serverBench('INVITE', false);
    const transaction = new InviteServerTransaction(options);
    transaction.respond(responseTo('INVITE', 200));
    transaction.receive(withVia('INVITE'));
    expect(transaction.respond(responseTo('INVITE', 200))).toBe(true);
    expect(transaction.respond(responseTo('INVITE', 486))).toBe(false);
    transaction.receive(withVia('ACK'));
    await clock.advance(60_000);
    expect(log).toEqual([
      [0, 'send 200'],
      [0, 'send 200'],
      [0, 'ACK'],
      [32_000, 'terminated'],
    ]);
  });
});

describe('which server transaction a request belongs to (RFC 3261 17.2.3)', () => {
  const key = (method: string, via: string): string =>
    serverKey(setHeader(withVia(method), 'Via', via), parseVia(via));
  const via = 'SIP/2.0/UDP a.example:5060;branch=z9hG4bKabc';

  it('branch, sent-by and method tell, and an ACK belongs to its INVITE', () => {
    expect(key('ACK', via)).toBe(key('INVITE', via));
    expect(key('INVITE', `${via};rport;received=b`)).toBe(key('INVITE', via));
    expect(key('CANCEL', via)).not.toBe(key('INVITE', via));
    expect(key('INVITE', via.replace('abc', 'abd'))).not.toBe(key('INVITE', via));
    expect(key('INVITE', via.replace('5060', '5062'))).not.toBe(key('INVITE', via));
  });

  it('without the magic cookie Request-URI, From tag, Call-ID and CSeq number tell', () => {
    const old = 'SIP/2.0/UDP a.example:5060;branch=1';
    const request = setHeader(withVia('INVITE'), 'Via', old);
    const keyOf = (change: Partial<typeof request>): string =>
      serverKey({ ...request, ...change }, parseVia(old));
    expect(keyOf({ method: 'ACK' })).toBe(keyOf({}));
    expect(keyOf({ uri: 'sip:other@bob.example' })).not.toBe(keyOf({}));
    expect(keyOf(setHeader(request, 'CSeq', '2 INVITE'))).not.toBe(keyOf({}));
  });
});
