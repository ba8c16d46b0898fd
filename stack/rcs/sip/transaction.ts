/** RFC 3261 section 17 with the corrections of RFC 6026: what the four transaction machines share. */

import type { Clock } from '../../platform.ts';
import type { SipRequest, SipResponse } from './message.ts';
import type { SipTimers } from './timers.ts';

export { InviteClientTransaction } from './invite-client-transaction.ts';
export { InviteServerTransaction } from './invite-server-transaction.ts';
export { NonInviteClientTransaction } from './non-invite-client-transaction.ts';
export { NonInviteServerTransaction } from './non-invite-server-transaction.ts';
export { DEFAULT_TIMERS, type SipTimers } from './timers.ts';
export { clientKey, serverKey } from './transaction-key.ts';

export interface TransactionOptions {
  readonly clock: Clock;
  readonly timers: SipTimers;
  /** Whether the transport retransmits by itself (TCP, TLS). */
  readonly reliable: boolean;
  /** The transaction is over and holds no timer; drop it from the table. Called once. */
  readonly onTerminated: () => void;
}

export interface ClientTransactionOptions extends TransactionOptions {
  readonly request: SipRequest;
  /** Hands the request, or the ACK that an INVITE transaction makes itself, to the transport. */
  readonly send: (request: SipRequest) => void;
  /** Each response that the user should see: provisional ones, the final one, and further 2xx to an INVITE. */
  readonly onResponse: (response: SipResponse) => void;
  /** No final response in 64*T1 (Timer B or F). */
  readonly onTimeout: () => void;
  /** The transport failed before a final response (17.1.4). */
  readonly onTransportFailure: () => void;
}

export interface ServerTransactionOptions extends TransactionOptions {
  readonly request: SipRequest;
  /** Returns what sends it again. */
  readonly send: (response: SipResponse) => () => void;
  /** Only of an INVITE: no ACK came in 64*T1 (Timer H). */
  readonly onNoAck?: () => void;
  /** Only of an INVITE: the ACK of a 2xx, which belongs to the user (RFC 6026 7.1). */
  readonly onAck?: (ack: SipRequest) => void;
}

export interface ClientTransaction {
  readonly state: string;
  receive(response: SipResponse): void;
  transportFailed(): void;
  /** Ends at once, telling nobody. */
  abandon(): void;
}

export interface ServerTransaction {
  readonly state: string;
  /** The same request again, or an INVITE's ACK. */
  receive(request: SipRequest): void;
  /** Sends a response of the user. One that comes after the final response is not sent, and gives false. */
  respond(response: SipResponse): boolean;
  transportFailed(): void;
  abandon(): void;
}
