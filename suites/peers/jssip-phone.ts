/**
 * JsSIP as it comes from npm, a SIP client over WebSocket, as a phone of one account: a process of its own, since it
 * takes the WebSocket of Node and that its roots of trust from NODE_EXTRA_CA_CERTS. Called with one JSON argument
 * (JsSipSettings); reads a JSON line for each message to send, writes one for each thing that happens.
 */
import { createInterface } from 'node:readline';
import JsSIP from 'jssip';
import type { IncomingRequest } from 'jssip/lib/SIPMessage.js';

export interface JsSipSettings {
  readonly url: string;
  readonly uri: string;
  readonly authorizationUser: string;
  readonly password: string;
  /** Feature tags, with their values as they stand in Contact; a tag without a value has `true`. */
  readonly tags: Readonly<Record<string, string | true>>;
}

export interface JsSipMessage {
  readonly to: string;
  readonly contentType: string;
  readonly body: string;
}

export type JsSipEvent =
  | { readonly event: 'challenged'; readonly status: number }
  | { readonly event: 'registered' }
  | { readonly event: 'unregistered' }
  | { readonly event: 'refused'; readonly status: number; readonly cause: string }
  | { readonly event: 'asked'; readonly from: string }
  | { readonly event: 'received'; readonly from: string; readonly contentType: string; readonly body: string }
  | { readonly event: 'sent'; readonly status: number }
  | { readonly event: 'unsent'; readonly status: number; readonly cause: string };

const settings = JSON.parse(process.argv[2]!) as JsSipSettings;
const say = (event: JsSipEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);

const ua = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(settings.url)],
  uri: settings.uri,
  authorization_user: settings.authorizationUser,
  password: settings.password,
  session_timers: false,
});
ua.registrator().setExtraContactParams(settings.tags);
const tags = Object.entries(settings.tags).map(([tag, value]) =>
  value === true ? `;${tag}` : `;${tag}=${value}`,
);

ua.on('registered', () => say({ event: 'registered' }));
ua.on('unregistered', () => say({ event: 'unregistered' }));
ua.on('registrationFailed', ({ response, cause }) =>
  say({ event: 'refused', status: response?.status_code ?? 0, cause: cause ?? '' }),
);
// Without a listener JsSIP answers OPTIONS by itself, but tells nothing of feature tags. Its types know no `message`.
ua.on('newOptions', ((event: {
  originator: string;
  request: IncomingRequest;
  message: { accept(options: object): void };
}) => {
  if (event.originator !== 'remote') return;
  say({ event: 'asked', from: event.request.from.uri.toString() });
  event.message.accept({ extraHeaders: [`Contact: <${ua.contact.uri?.toString()}>${tags.join('')}`] });
}) as never);
ua.on('newMessage', ({ originator, request }: { originator: string; request: IncomingRequest }) => {
  if (originator !== 'remote') return;
  const from = request.from.uri.toString();
  say({ event: 'received', from, contentType: request.getHeader('Content-Type') ?? '', body: request.body });
});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { to, contentType, body } = JSON.parse(line) as JsSipMessage;
    ua.sendMessage(to, body, {
      contentType,
      eventHandlers: {
        succeeded: ({ response }) => say({ event: 'sent', status: response.status_code }),
        failed: ({ response, cause }) =>
          say({ event: 'unsent', status: response?.status_code ?? 0, cause: cause ?? '' }),
      },
    });
  })
  .on('close', () => {
    ua.on('disconnected', () => process.exit(0));
    ua.stop();
  });
ua.start();
