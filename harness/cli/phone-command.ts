import { createInterface } from 'node:readline';
import { loadMatrix } from '../../matrix/index.ts';
import { named } from '../../matrix/load.ts';
import { type PhoneEvent, phoneEventLine } from '../phone/phone-event.ts';
import { servedPhone } from '../phone/served-phone.ts';
import { stopSignal } from '../ports/stop-signal.ts';
import { UsageError } from '../run/usage-error.ts';
import { readDescriptor } from '../serve/descriptor.ts';
import type { Context } from './context.ts';

export interface PhoneFlags {
  readonly as: string;
  readonly server: string;
  readonly device: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** `parley phone`: until the end of its input, `/quit`, SIGINT or SIGTERM. Exit 0, or 1 when it never came into service. */
export async function phoneCommand(flags: PhoneFlags, { terminal }: Context): Promise<number> {
  const device = deviceNamed(flags.device);
  const server = readDescriptor(flags.server);
  const say = (event: PhoneEvent) =>
    terminal.out(`${flags.json === true ? JSON.stringify(event) : phoneEventLine(event)}\n`);
  const phone = await servedPhone({ server, account: flags.as, device, state: flags.state, say });
  const stopped = stopSignal().then(() => false);
  try {
    if (!(await Promise.race([phone.start(), stopped]))) return 1;
    const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    const typed = (async () => {
      for await (const line of lines) if (!phone.type(line)) break;
    })();
    await Promise.race([typed, stopped]);
    lines.close();
    return 0;
  } finally {
    await phone.stop();
    process.stdin.destroy();
  }
}

function deviceNamed(name: string) {
  try {
    return named(loadMatrix().devices, name, 'device');
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
