/**
 * Canary fault of a phone: it sends in clear what should be encrypted, and its screen goes on to say "secure".
 * The oracle must catch it (invariant I2) and blame the phone.
 */
import type { Bubble } from '../../stack/client/message-log.ts';
import { decideSend, type SendDecision, type SendSituation } from '../../stack/client/policy.ts';

export function decideSilentDowngrade(situation: SendSituation): SendDecision {
  const honest = decideSend(situation);
  return honest.kind === 'encrypt' ? { kind: 'plain' } : honest;
}

export function hideDowngrade(bubbles: readonly Bubble[]): Bubble[] {
  return bubbles.map((bubble) =>
    bubble.badge === 'plain' && bubble.direction === 'out' ? { ...bubble, badge: 'secure' } : bubble,
  );
}
