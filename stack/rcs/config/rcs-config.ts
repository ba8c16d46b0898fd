/** What an RCS client needs of its RCC.14 configuration, in one shape for the old flat and the UP nested document. */

import type { LegacyIm } from './legacy-im.ts';

export interface RcsConfig {
  /** VERS/version: above 0 when the document configures. */
  readonly version: number;
  /** VERS/validity. */
  readonly validitySeconds: number;
  /** TOKEN/token, to be sent with the next query off the operator's bearer. */
  readonly token?: string;
  /** TOKEN/validity. */
  readonly tokenValiditySeconds?: number;
  /** POLICY/SMS_port: where the network sends `<IMSI>-rcscfg`. */
  readonly smsPort?: number;
  readonly impi: string;
  /** At least one; the first is the default. */
  readonly impu: readonly string[];
  readonly homeDomain: string;
  /** At least one, in order of preference. */
  readonly pcscf: readonly { readonly host: string; readonly port: number }[];
  /** `AKA`: the SIM answers, there is no password (RCC.15). */
  readonly auth:
    | {
        readonly type: 'Digest';
        readonly realm: string;
        readonly userName: string;
        readonly userPwd: string;
      }
    | { readonly type: 'AKA'; readonly realm: string; readonly userName: string };
  /** Base64 SHA-256 digests of public keys (RFC 7469 section 2.4): the P-CSCF shows one of them. */
  readonly pcscfPins?: readonly string[];
  /** uuid_Value, without `urn:uuid:`; empty when the document leaves it to the client. */
  readonly instanceId: string;
  readonly psSignalling: 'SIPoUDP' | 'SIPoTCP' | 'SIPoTLS';
  readonly psMedia: 'MSRP' | 'MSRPoTLS';
  /** SIP timers in milliseconds. */
  readonly timers?: { readonly t1: number; readonly t2: number; readonly t4: number };
  readonly services: {
    readonly chat: boolean;
    readonly groupChat: boolean;
    readonly fileTransferHttp: boolean;
    readonly standaloneMsg: boolean;
  };
  /** Bytes: largest standalone message, and where pager mode ends. */
  readonly standaloneMsg: {
    readonly maxSize: number;
    readonly switchoverSize: number;
    /** Absent when sending to several at once isn't offered (`sip:foo@bar`). */
    readonly exploderUri?: string;
  };
  readonly capDiscovery: {
    readonly capInfoExpirySeconds: number;
    readonly nonRcsCapInfoExpirySeconds: number;
    readonly defaultDisc: 'options' | 'presence' | 'off';
    /** presenceDisc: the network has a presence server, to which the client publishes what it can do. */
    readonly presenceDisc?: boolean;
  };
  readonly chat?: {
    /** Absent when group chat isn't offered (`sip:foo@bar`). */
    readonly conferenceFactoryUri?: string;
    readonly maxAdhocGroupSize?: number;
    readonly idleSeconds?: number;
    /** Bytes. */
    readonly maxSize?: number;
    readonly revokeSeconds?: number;
    readonly reconnectGuardSeconds?: number;
  };
  readonly fileTransfer?: {
    readonly contentServerUri: string;
    readonly user?: string;
    readonly password?: string;
    readonly downloadUri?: string;
    readonly maxSizeKilobytes?: number;
  };
  /** Parms that only documents of RCS-e and joyn have. */
  readonly im?: LegacyIm;
  readonly e2ee?: { readonly kdsUri: string; readonly kdsToken: string; readonly kdsId: string };
}
