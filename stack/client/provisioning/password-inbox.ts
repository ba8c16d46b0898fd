/** Where the one-time password arrives: as data on a port of ours, or as a text that a person could type in. */
import type { Random } from '../../platform.ts';
import type { Arrival } from '../../rcs/sms/index.ts';
import { PORTS } from './limits.ts';

/** The part of a phone's SMS that provisioning needs. */
export interface ShortMessages {
  watch(watcher: (arrival: Arrival) => void): () => void;
}

export interface PasswordInbox {
  /** For `SMS_port`; 0 asks for a readable message. */
  readonly port: number;
  /** The password, once it has come. */
  readonly password: Promise<string>;
  close(): void;
}

/** Opened before the query, since the message may be quicker than the answer. */
export function openPasswordInbox(sms: ShortMessages, port: number): PasswordInbox {
  let stop = () => {};
  const password = new Promise<string>((resolve) => {
    stop = sms.watch((arrival) => {
      const found = passwordIn(arrival, port);
      if (found !== undefined) resolve(found);
    });
  });
  return { port, password, close: () => stop() };
}

/** A port for binary messages, another each time. */
export function drawPort(random: Random): number {
  const [high, low] = random.bytes(2) as unknown as [number, number];
  return PORTS.first + (((high << 8) | low) % (PORTS.last - PORTS.first + 1));
}

/** A network may send a readable message although it was asked for a binary one (hazard R74). */
function passwordIn(arrival: Arrival, port: number): string | undefined {
  if (arrival.kind === 'text') return /(?<!\d)\d{4,8}(?!\d)/.exec(arrival.text)?.[0];
  if (arrival.port !== port || port === 0) return undefined;
  return /^[\x21-\x7e]{1,64}$/.exec(new TextDecoder().decode(arrival.data).trim())?.[0];
}

/** Whether a message is the network's word that `imsi` shall ask again (docs/rcs-signalling.md 1.2, flow C). */
export function asksToReconfigure(arrival: Arrival, imsi: string): boolean {
  return arrival.kind === 'data' && new TextDecoder().decode(arrival.data).trim() === `${imsi}-rcscfg`;
}
