/** A phone by hand that does large message mode: a user agent and MSRP beside the bare phone. */
import { carrierHosts, EDGE_PORTS, type Subscriber } from '../../../emulators/carrier/config.ts';
import { buildCpim, cpimContent, cpimHeader, IMDN_NAMESPACE, parseCpim } from '../../../stack/rcs/cpim.ts';
import {
  LARGE_MESSAGE_ICSI,
  LARGE_MESSAGE_TAG,
  type LargeMessageParty,
  type LargeSendResult,
  receiveLargeMessage,
  sendLargeMessage,
} from '../../../stack/rcs/large-message/index.ts';
import { MsrpEndpoint, type MsrpVerdict } from '../../../stack/rcs/msrp/index.ts';
import type { SipHeader } from '../../../stack/rcs/sip/message.ts';
import { UserAgent } from '../../../stack/rcs/sip/user-agent.ts';
import { type BarePhone, CHAT_TAG } from '../../carrier/bare-phone.ts';
import { type Bench, OPERATOR_A } from '../../carrier/bench.ts';

const LARGE = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.largemsg"';

export interface LargePhone {
  readonly bare: BarePhone;
  /** Texts that came in large message mode, with their Message-IDs. */
  readonly large: { readonly id: string; readonly text: string; readonly octets: Uint8Array }[];
  /** What the next message is answered with. */
  verdict: MsrpVerdict | undefined;
  /** Takes the next INVITE, or refuses it. */
  refuse: number | undefined;
  send(to: string, id: string, text: string, more?: Partial<Sending>): Promise<LargeSendResult>;
  close(): void;
}

export interface Sending {
  readonly operator: { readonly mcc: string; readonly mnc: string };
  readonly dispositions: readonly string[];
  readonly secure: boolean;
  readonly contentType: string;
}

let count = 0;

export function largePhone(bench: Bench, who: Subscriber, instance?: string): LargePhone {
  count += 1;
  const { clock } = bench;
  const random = bench.random.fork(`large phone ${who.host} ${instance} ${count}`);
  const network = bench.net(who.host);
  const bare = bench.phone(who, { tags: `${CHAT_TAG};${LARGE}`, ...(instance && { instance }) });
  const operator = who.imsi.startsWith('999001') ? OPERATOR_A : { mcc: '999', mnc: '002' };
  const target = { transport: 'tls', host: carrierHosts(operator).pcscf, port: EDGE_PORTS.tls } as const;
  const msrp = new MsrpEndpoint({ clock, random: random.fork('msrp'), network });
  const party = (secure: boolean): LargeMessageParty => ({
    clock,
    random: random.fork('party'),
    msrp,
    host: network.host,
    secure,
    maxSize: 100_000,
  });
  const phone: LargePhone = {
    bare,
    large: [],
    verdict: undefined,
    refuse: undefined,
    send: (to, id, text, more = {}) => {
      const { dispositions = ['positive-delivery'], contentType = 'text/plain;charset=UTF-8' } = more;
      const content = cpimOf(id, text, contentType, dispositions);
      return sendLargeMessage(
        party(more.secure ?? false),
        { content, wrappedType: contentType.split(';')[0]! },
        ({ headers, ...rest }) => {
          const service: SipHeader[] = [
            { name: 'P-Preferred-Service', value: LARGE_MESSAGE_ICSI },
            { name: 'Accept-Contact', value: `*;${LARGE_MESSAGE_TAG}` },
            { name: 'Contribution-ID', value: '9f0d1c52-2a7e-4f52-9d41-0f6a7b8c0002' },
          ];
          const from = `<sip:${who.msisdn}@claimed.example>`;
          return agent.invite({ uri: `tel:${to}`, from, target, headers: [...service, ...headers], ...rest });
        },
      );
    },
    close: () => {
      agent.close();
      msrp.close();
    },
  };
  const agent = new UserAgent({
    clock,
    random: random.fork('agent'),
    endpoint: bare.endpoint,
    host: network.host,
    contact: () => bare.contact,
    targetOf: () => target,
    onCall: (call) => {
      if (phone.refuse !== undefined) return call.reject(phone.refuse);
      receiveLargeMessage(call, party(false), {
        acceptWrappedTypes: ['*'],
        onMessage: (octets) => {
          if (phone.verdict) return phone.verdict;
          const cpim = parseCpim(octets);
          const id = cpimHeader(cpim, IMDN_NAMESPACE, 'Message-ID') ?? '';
          phone.large.push({ id, text: new TextDecoder().decode(cpimContent(cpim).bytes), octets });
          return undefined;
        },
      });
    },
  });
  bare.agent = agent;
  return phone;
}

export function cpimOf(
  id: string,
  text: string,
  contentType: string,
  dispositions: readonly string[],
): Uint8Array {
  return buildCpim({
    from: 'sip:anonymous@anonymous.invalid',
    to: 'sip:anonymous@anonymous.invalid',
    messageId: id,
    dateTime: '2026-01-01T00:00:00.000Z',
    dispositions,
    contentType,
    content: new TextEncoder().encode(text),
  });
}
