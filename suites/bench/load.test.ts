import { describe, expect, test } from 'vitest';
import { readPagerMessage } from '../../emulators/carrier/messaging/pager-message.ts';
import type { FloodFigures } from '../../harness/bench/signalling/load-job.ts';
import { authorization, type LoadAccount } from '../../harness/bench/signalling/load-phone.ts';
import { brokenPromises } from '../../harness/bench/signalling/overload.ts';
import {
  branchOf,
  messageOf,
  messageText,
  okText,
  receiptBody,
  registerText,
  type Sender,
  statusOf,
  TextFramer,
  textBody,
} from '../../harness/bench/signalling/sip-text.ts';
import { verifyDigest } from '../../stack/rcs/sip/digest.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage, type SipRequest } from '../../stack/rcs/sip/message.ts';
import { checkRequest, checkResponse } from '../../stack/rcs/sip/request-check.ts';

const account: LoadAccount = {
  name: 'phone-1',
  msisdn: '+999900100001',
  imsi: '999001000000001',
  password: 'secret',
  rcs: true,
  privateIdentity: '999001000000001@ims.example',
  publicIdentity: 'sip:+999900100001@ims.example',
  domain: 'ims.example',
  host: 'phone-1.example',
};
const sender: Sender = {
  ...account,
  transport: 'udp',
  address: '127.0.0.1',
  port: 5060,
  proxy: '127.0.0.1:5070',
};
const DATE = '2026-01-01T00:00:00.000Z';
const parsed = (text: string) => parseSipMessage(new Uint8Array(Buffer.from(text, 'latin1')));

describe('the load generator speaks the SIP that the stack reads', () => {
  test('REGISTER, with a digest that is right', () => {
    const proof = authorization(account, 'nonce', 3);
    const request = parsed(registerText(sender, 7, 42, proof)) as SipRequest;
    checkRequest(request);
    const asked = { header: header(request, 'Authorization')!, method: 'REGISTER', uri: request.uri };
    const counts: number[] = [];
    const acceptNonce = (_: string, count: number) => counts.push(count) > 0;
    expect(verifyDigest({ ...asked, realm: 'ims.example', password: 'secret', acceptNonce })).toBe('ok');
    expect(verifyDigest({ ...asked, realm: 'ims.example', password: 'other', acceptNonce })).toBe('bad');
    expect(counts).toEqual([3]);
  });

  test('texts that ask for a receipt, receipts about them, and their answers', () => {
    const text = messageText(sender, '+999900100002', 5, textBody(DATE, 120)('Mx-1'));
    const request = parsed(text) as SipRequest;
    checkRequest(request);
    const read = readPagerMessage(request, account.msisdn, '+999900100002');
    expect([read.id, read.asksFor]).toEqual(['Mx-1', ['positive-delivery']]);
    expect(messageOf(text)).toEqual({ id: 'Mx-1' });

    const receipt = messageText(sender, '+999900100002', 6, receiptBody(DATE)('r-1', 'Mx-1'));
    const told = readPagerMessage(parsed(receipt) as SipRequest, account.msisdn, '+999900100002');
    expect(told.notifications).toMatchObject([{ messageId: 'Mx-1', kind: 'delivery', status: 'delivered' }]);
    expect(messageOf(receipt)).toEqual({ id: 'r-1', about: 'Mx-1' });

    const answer = okText(text);
    const response = parsed(answer);
    if (response.kind !== 'response') throw new Error('no response');
    checkResponse(response);
    expect([statusOf(answer), branchOf(answer), statusOf(text)]).toEqual([200, 5, 0]);
  });

  test('messages of a stream are split wherever it is cut', () => {
    const one = messageText(sender, '+999900100002', 5, textBody(DATE, 120)('Mx-1'));
    const stream = `${one}${okText(one)}${one}`;
    for (const size of [1, 7, 100, stream.length]) {
      const framer = new TextFramer();
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...framer.push(stream.slice(at, at + size)));
      expect(found).toEqual([one, okText(one), one]);
    }
  });
});

test('a bench of overload says which promise was broken, and nothing when none was', () => {
  const none = new Float64Array(0);
  const kept: FloodFigures = {
    ...{ ms: 1_000, sent: 20, accepted: 12, refused: 8, otherwise: 0, unanswered: 0 },
    ...{ delivered: 12, lost: 0, repeated: 0, uninvited: 0, retransmissions: 3 },
    ...{ acceptedMs: none, refusedMs: none },
  };
  expect(brokenPromises(kept)).toEqual([]);
  expect(brokenPromises({ ...kept, delivered: 11, lost: 1 })).toEqual([
    '1 texts were accepted and never delivered',
  ]);
  expect(brokenPromises({ ...kept, refused: 6, otherwise: 1, unanswered: 1 })).toHaveLength(2);
});
