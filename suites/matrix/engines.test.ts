import { describe, expect, test } from 'vitest';
import { caseFacts, messageFacts } from '../../matrix/facts/index.ts';
import { complaints } from './support/altered-matrix.ts';
import { caseWith, expansionOf } from './support/build.ts';

const send = { message: 'm', from: 'alice', to: 'bob', text: '', requirement: 'any' } as const;

describe('the MLS engines of a plan', () => {
  test('are axes of its cells, with the cipher suite; other plans keep their ids', () => {
    const axesOf = (plan: string) => Object.keys(expansionOf(plan).cells[0]!.axes);
    expect(axesOf('engines')).toEqual(
      expect.arrayContaining(['cipherSuite', 'recipientEngine', 'senderEngine']),
    );
    expect(axesOf('smoke')).not.toContain('senderEngine');
  });

  test('stand in the case, with what they lack', () => {
    const { roles } = caseWith({
      senderEngine: 'ts-mls',
      recipientEngine: 'grpc:[::1]:50051',
      cipherSuite: '1',
    });
    expect(roles['alice']!.device.mls).toMatchObject({
      engine: 'ts-mls',
      cipherSuites: [1],
      lacks: ['signed-receipts'],
    });
    expect(roles['bob']!.device.mls).toMatchObject({
      engine: 'grpc:[::1]:50051',
      lacks: ['era', 'signed-receipts', 'padding'],
    });
  });

  test('leave a case of the own engine as it was, byte for byte, and a phone without MLS without', () => {
    expect(caseWith({ senderEngine: 'parley' }).roles).toEqual(caseWith({}).roles);
    expect(caseWith({}).roles['alice']!.device.mls).not.toHaveProperty('lacks');
    expect(
      caseWith({ sender: 'joyn-android', senderEngine: 'ts-mls' }).roles['alice']!.device.mls,
    ).toBeUndefined();
  });

  test('are facts of the decision table', () => {
    const mixed = caseWith({ recipientEngine: 'ts-mls' });
    expect(caseFacts(mixed)).toMatchObject({
      'recipient.mls.engine': 'ts-mls',
      'recipient.mls.lacks.signed-receipts': true,
      'recipient.mls.lacks.era': false,
      'sender.mls.engine': 'parley',
      'both.mlsUsable': true,
      'both.signReceipts': false,
    });
    expect(messageFacts(caseWith({}), send)['both.signReceipts']).toBe(true);
  });
});

describe('a mistake about engines is said with file, line and field', () => {
  test.each([
    [
      'an engine that has no file',
      'devices/pixel-up30.yaml',
      'engine: parley',
      'engine: parly',
      'no MLS engine is called "parly"',
    ],
    [
      'an address without a port',
      'devices/pixel-up30.yaml',
      'engine: parley',
      'engine: "grpc:localhost"',
      'an engine of matrix/engines, or grpc:HOST:PORT',
    ],
    [
      'an unknown engine in a plan',
      'plans/engines.yaml',
      '[parley, ts-mls]',
      '[parley, tsmls]',
      'no MLS engine is called "tsmls"',
    ],
    [
      'an unknown part of RCC.16',
      'engines/ts-mls.yaml',
      '[signed-receipts]',
      '[receipts]',
      'engines/ts-mls.yaml:6',
    ],
    ['a part named twice', 'engines/grpc.yaml', '[era,', '[era, era,', 'a part is named twice'],
  ])('%s', (_what, file, from, to, message) => {
    const lines = complaints(file, from, to);
    expect(lines.join('\n')).toContain(message);
    expect(lines.join('\n')).toContain(file.split('/')[1]!);
  });
});
