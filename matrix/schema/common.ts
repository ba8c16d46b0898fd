import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const DURATION = 'a duration such as 250ms, 5s, 2m, 1h or 7d';
/** Text such as `250ms`, `5s`, `2m`, `1h`, `7d`; `durationMs` reads it. */
export const duration = z
  .string({ error: DURATION })
  .regex(/^\d+(ms|s|m|h|d)$/, DURATION)
  .brand('duration');
export type Duration = z.infer<typeof duration>;

export function durationMs(value: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(value);
  if (!match) throw new RangeError(`not a duration: ${value}`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** Names are used in ids, file names and host names. */
export const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens');

/** SIP transports. */
export const TRANSPORTS = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
