/** A REGISTER as 3GPP TS 24.229 section 5.1.1.2 has it. */
import type { RcsConfig } from '../rcs/config/index.ts';
import { unchallengedAuthorization } from '../rcs/sip/digest.ts';
import type { SipHeader, SipRequest } from '../rcs/sip/message.ts';

export interface RegisterRequestOptions {
  readonly config: RcsConfig;
  readonly userAgent: string;
  /** The same in every REGISTER of a registration. */
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: number;
  /** With `expires`. */
  readonly contact: string;
  readonly allow: string;
  readonly more: readonly SipHeader[];
}

/** Names the private identity with empty nonce and response, for the network to know whom to challenge (5.1.1.2.2). */
export function registerRequest(options: RegisterRequestOptions): SipRequest {
  const { auth, homeDomain, impu } = options.config;
  const uri = `sip:${homeDomain}`;
  return {
    kind: 'request',
    method: 'REGISTER',
    uri,
    headers: [
      { name: 'From', value: `<${impu[0]}>;tag=${options.fromTag}` },
      { name: 'To', value: `<${impu[0]}>` },
      { name: 'Call-ID', value: options.callId },
      { name: 'CSeq', value: `${options.cseq} REGISTER` },
      { name: 'Contact', value: options.contact },
      { name: 'Supported', value: 'path, gruu, outbound' },
      { name: 'Allow', value: options.allow },
      { name: 'User-Agent', value: options.userAgent },
      { name: 'Authorization', value: unchallengedAuthorization(auth.userName, auth.realm, uri) },
      ...options.more,
    ],
    body: new Uint8Array(0),
  };
}
