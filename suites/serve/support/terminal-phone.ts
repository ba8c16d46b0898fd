import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { PhoneEvent } from '../../../harness/phone/phone-event.ts';
import { EventLines } from './event-lines.ts';

const PARLEY = new URL('../../../harness/cli/parley.ts', import.meta.url).pathname;

/** `parley phone` in a process of its own; `server` is the state folder of a server. */
export function terminalPhone(name: string, server: string, device?: string): EventLines<PhoneEvent> {
  const args = [PARLEY, 'phone', '--as', name, '--server', server, '--json'];
  const phone = new EventLines<PhoneEvent>(
    spawn(process.execPath, device === undefined ? args : [...args, '--device', device]),
  );
  onTestFinished(async () => {
    await phone.end();
  });
  return phone;
}
