import type { OracleContext } from './context.ts';

type Steps = Pick<OracleContext, 'steps' | 'stateOf'>;

/** The phone is on the air and in service at the end. */
export function isReachable(context: Steps, side: string): boolean {
  const view = context.stateOf(side)?.view;
  if (!view?.online) return false;
  return view.registration === 'registered' || view.registration === 'sms-only';
}

/** Every link that a step cut was healed again. */
export function isHealed(context: Steps): boolean {
  const cut = new Set<string>();
  for (const { step } of context.steps) {
    const link = (verb: string) => (step[verb] as { link?: string } | undefined)?.link;
    const down = link('cut');
    const up = link('heal');
    if (down !== undefined) cut.add(down);
    if (up !== undefined) cut.delete(up);
  }
  return cut.size === 0;
}

/** Whether a step took the phone off the air at some time from `from` to `to` (virtual milliseconds). */
export function wasOffline(context: Steps, side: string, from: number, to: number): boolean {
  let since: number | undefined;
  for (const { step, t } of context.steps) {
    const who = (verb: string) => (step[verb] as { who?: string } | undefined)?.who;
    if (side === `device:${who('go-offline')}`) since ??= t;
    else if (side === `device:${who('go-online')}` && since !== undefined) {
      if (since <= to && t >= from) return true;
      since = undefined;
    }
  }
  return since !== undefined && since <= to;
}
