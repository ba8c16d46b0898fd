/** What every emulated phone can be told to do, and what its owner sees on it. */

import type { GroupAgreement } from '../../stack/client/crypto-engine.ts';
import type { Bubble } from '../../stack/client/message-log.ts';
import type { CreateMlsEngine, Rcc16Part } from '../../stack/client/mls-engine.ts';
import type { Policy, Requirement } from '../../stack/client/policy.ts';
import type { CryptoProvider } from '../../stack/crypto/index.ts';
import type { Platform, TransportProtocol } from '../../stack/platform.ts';

export interface PhoneConfig {
  readonly model: string;
  readonly osVersion: string;
  readonly clientVersion: string;
  readonly universalProfile: 'none' | 'joyn' | '2.4' | '3.0';
  readonly capabilities: readonly ('chat' | 'file-transfer-http' | 'geolocation-push')[];
  readonly mls?: {
    readonly cipherSuites: readonly (1 | 2)[];
    readonly keyPackages: number;
    readonly lacks?: readonly Rcc16Part[];
  };
  readonly signalling?: {
    readonly transports: readonly TransportProtocol[];
    readonly compactHeaders: boolean;
    readonly foldedHeaders: boolean;
  };
  readonly receipts: { readonly delivered: boolean; readonly displayed: boolean };
  readonly messageIds: 'mx' | 'uuid';
  readonly msisdn: string;
  /** 15 digits: MCC, MNC of three digits, MSIN. */
  readonly imsi: string;
  readonly smscHost: string;
  /** Whose IP access it uses. */
  readonly bearer: 'operator' | 'other';
  /** Applied by phones that run the SDK. */
  readonly policy: Policy;
}

export interface PhonePorts {
  readonly platform: Platform;
  readonly crypto: CryptoProvider;
  /** The MLS of the phone; the stack's own when absent. */
  readonly mlsEngine?: CreateMlsEngine;
  readonly observe: (event: { readonly name: string; readonly data: Record<string, unknown> }) => void;
  /** Told of each bubble that is new or has changed. */
  readonly shown?: (bubble: Bubble) => void;
}

export interface PeerView {
  readonly rcs: 'yes' | 'no' | 'unknown';
  readonly mls: boolean;
  readonly online: boolean;
}

export interface PhoneView {
  readonly registration: 'registered' | 'unregistered' | 'disabled' | 'sms-only';
  /** Why it is not registered, where the phone can tell; begins with `certificate` when a certificate is to blame. */
  readonly registrationReason?: string;
  readonly bubbles: readonly Bubble[];
  readonly capabilities: Readonly<Record<string, PeerView>>;
  readonly groups: readonly GroupAgreement[];
}

export interface Phone {
  provision(): Promise<void>;
  register(): Promise<void>;
  deregister(): Promise<void>;
  /** Asks what `peer` (E.164) can do; the answer shows in the view. */
  discover(peer: string): Promise<void>;
  /** Takes a message to send and returns its wire id at once. */
  send(message: { readonly to: string; readonly text: string; readonly requirement: Requirement }): string;
  /** The owner has the message on the screen. */
  read(peer: string, wireId: string): void;
  networkLost(): void;
  networkBack(): Promise<void>;
  setQuirk(name: string, on: boolean): void;
  view(): PhoneView;
  close(): void;
}
