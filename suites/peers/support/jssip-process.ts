import { spawn } from 'node:child_process';
import type { ServedDescriptor } from '../../../harness/serve/descriptor.ts';
import { EventLines } from '../../serve/support/event-lines.ts';
import type { JsSipEvent, JsSipMessage, JsSipSettings } from '../jssip-phone.ts';

const PROGRAM = new URL('../jssip-phone.ts', import.meta.url).pathname;

export type JsSipPhone = EventLines<JsSipEvent> & { send(message: JsSipMessage): void };

/** JsSIP as the phone of an account, with `tags` in its Contact. */
export function jsSipPhone(
  descriptor: ServedDescriptor,
  name: string,
  { tags = {}, password }: { readonly tags?: JsSipSettings['tags']; readonly password?: string } = {},
): JsSipPhone {
  const carrier = descriptor.carriers.find(({ accounts }) => accounts.some((one) => one.name === name))!;
  const account = carrier.accounts.find((one) => one.name === name)!;
  const { port } = carrier.sip.find(({ transport }) => transport === 'wss')!;
  const settings: JsSipSettings = {
    url: `wss://${carrier.addresses[0]}:${port}`,
    uri: account.publicIdentity,
    authorizationUser: account.privateIdentity,
    password: password ?? account.password,
    tags,
  };
  const lines = new EventLines<JsSipEvent>(
    spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: descriptor.ca },
    }),
  );
  return Object.assign(lines, {
    send: (message: JsSipMessage) => lines.line(JSON.stringify(message)),
  });
}
