import { describe, expect, it } from 'vitest';
import {
  answerDirection,
  answerSetup,
  connectAddress,
  type MessageMedia,
  offererRole,
} from '../../stack/rcs/sdp/index.ts';

const PEER: MessageMedia = {
  port: 30_001,
  protocol: 'TCP/MSRP',
  host: 'border.example',
  path: ['msrp://inside.example:2855/s1;tcp'],
  acceptTypes: ['message/cpim'],
  direction: 'recvonly',
  cema: true,
};

describe('who connects (RFC 4145, RFC 6135 section 4, RFC 4975 section 5.4)', () => {
  it.each([
    [undefined, 'passive'],
    ['active', 'passive'],
    ['passive', 'active'],
    ['holdconn', undefined],
  ] as const)('an offer of %s is answered %s, whatever is preferred (hazard R54)', (offered, answer) => {
    expect(answerSetup(offered, 'active')).toBe(answer);
    expect(answerSetup(offered, 'passive')).toBe(answer);
  });

  it('an offer of actpass leaves it to the answerer', () => {
    expect(answerSetup('actpass', 'active')).toBe('active');
    expect(answerSetup('actpass', 'passive')).toBe('passive');
  });

  it('exactly one side connects, also when a=setup is missing in offer or answer', () => {
    for (const offered of [undefined, 'active', 'passive', 'actpass'] as const) {
      for (const preferred of ['active', 'passive'] as const) {
        const answer = answerSetup(offered, preferred);
        expect(offererRole(offered, answer)).not.toBe(answer);
      }
    }
    expect(offererRole(undefined, undefined)).toBe('active');
    expect(offererRole('passive', undefined)).toBe('passive');
  });

  it.each([
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['sendrecv', 'sendrecv'],
    ['inactive', 'inactive'],
  ] as const)('an offer to be %s is agreed to as %s (RFC 3264 section 6.1)', (offered, answer) => {
    expect(answerDirection(offered)).toBe(answer);
  });
});

describe('where to connect (RFC 6714; hazard R55)', () => {
  it('with CEMA on both sides to what c= and m= say', () => {
    expect(connectAddress(PEER, true)).toEqual({ host: 'border.example', port: 30_001 });
  });

  it.each([
    ['the peer', { ...PEER, cema: false }, true],
    ['this side', PEER, false],
  ])('when %s has no CEMA, to where the path leads', (_, peer, own) => {
    expect(connectAddress(peer, own)).toEqual({ host: 'inside.example', port: 2855 });
  });
});
