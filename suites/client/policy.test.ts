import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSend, type SendSituation } from '../../stack/client/policy.ts';

const POLICY = { name: 'test', e2ee: 'preferred', smsFallback: 'allowed', readReceipts: true } as const;
const READY: SendSituation = {
  policy: POLICY,
  requirement: 'prefer-encrypted',
  ownRcs: 'registered',
  ownMls: true,
  peerRcs: 'yes',
  peerMls: true,
  latched: false,
};

const situations: fc.Arbitrary<SendSituation> = fc.record({
  policy: fc.record({
    name: fc.constant('any'),
    e2ee: fc.constantFrom('required', 'preferred', 'forbidden'),
    smsFallback: fc.constantFrom('allowed', 'forbidden'),
    readReceipts: fc.boolean(),
  }),
  requirement: fc.constantFrom('must-encrypt', 'prefer-encrypted', 'any'),
  ownRcs: fc.constantFrom('registered', 'unregistered', 'off'),
  ownMls: fc.boolean(),
  peerRcs: fc.constantFrom('yes', 'no', 'unknown'),
  peerMls: fc.boolean(),
  latched: fc.boolean(),
});

const leavesInClear = (situation: SendSituation) => ['plain', 'sms'].includes(decideSend(situation).kind);

describe('how a message may leave the phone', () => {
  it('is encrypted when both ends can', () => expect(decideSend(READY)).toEqual({ kind: 'encrypt' }));

  it('is plain RCS when the peer has RCS without MLS', () =>
    expect(decideSend({ ...READY, peerMls: false })).toEqual({ kind: 'plain' }));

  it('is SMS when the peer has no RCS and policy allows SMS', () =>
    expect(decideSend({ ...READY, peerRcs: 'no', peerMls: false })).toEqual({ kind: 'sms' }));

  it('waits when the capability look-up failed: unknown is not no (hazard E33)', () =>
    expect(decideSend({ ...READY, peerRcs: 'unknown', peerMls: false })).toMatchObject({
      kind: 'queue',
      retry: true,
    }));

  it('stays on the phone when policy requires encryption and the peer cannot', () =>
    expect(decideSend({ ...READY, peerMls: false, policy: { ...POLICY, e2ee: 'required' } })).toEqual({
      kind: 'queue',
      reason: 'recipient-cannot-encrypt',
      retry: false,
    }));
});

describe('for every situation', () => {
  it('an encrypted thread never leaves in clear (RCC.16: no silent downgrade)', () => {
    fc.assert(
      fc.property(situations, (s) => {
        expect(s.latched && leavesInClear(s)).toBe(false);
      }),
    );
  });

  it('what must be encrypted never leaves in clear', () => {
    fc.assert(
      fc.property(situations, (s) => {
        const must = s.requirement === 'must-encrypt' || s.policy.e2ee === 'required';
        expect(must && leavesInClear(s)).toBe(false);
      }),
    );
  });

  it('nothing goes by SMS where policy forbids SMS', () => {
    fc.assert(
      fc.property(situations, (s) => {
        expect(s.policy.smsFallback === 'forbidden' && decideSend(s).kind === 'sms').toBe(false);
      }),
    );
  });

  it('nothing is encrypted without own keys', () => {
    fc.assert(
      fc.property(situations, (s) => {
        expect(!s.ownMls && decideSend(s).kind === 'encrypt').toBe(false);
      }),
    );
  });

  it('what is held back says why', () => {
    fc.assert(
      fc.property(situations, (s) => {
        const decision = decideSend(s);
        if (decision.kind === 'queue') expect(decision.reason).not.toBe('');
      }),
    );
  });
});
