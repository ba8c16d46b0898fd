/** RFC 3515: REFER, and RFC 4488: REFER without the subscription that it implies. */

import { NetworkError } from '../../platform.ts';
import { type AgentCore, cseqNumber, unsent } from './agent-core.ts';
import type { SipResult, SipTarget } from './client-transactions.ts';
import { type Dialog, type RequestParts, recordRouteHeaders } from './dialog.ts';
import { header, headerValues } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipRequest } from './message.ts';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import { optionTags } from './option-tags.ts';
import { SipParseError } from './parse-error.ts';
import { reasonPhrase } from './reason-phrases.ts';
import { ServerSubscription } from './server-subscription.ts';
import { Subscription } from './subscription.ts';

/** How the request that was referred to went, as far as is known: a status line (RFC 3515 2.4.4). */
export interface ReferProgress {
  readonly status: number;
  readonly reason: string;
}

export interface ReferOptions {
  /** Complete but for Contact and Refer-Sub; with Refer-To. */
  readonly request: SipRequest;
  readonly target: SipTarget;
  /** The dialog that the request was made in. */
  readonly dialog?: Dialog;
  /** No subscription (RFC 4488), where the other side agrees. */
  readonly withoutSubscription?: boolean;
  onProgress?(progress: ReferProgress): void;
}

export interface Referral {
  /** The final response to REFER itself. */
  readonly answered: Promise<SipResult>;
  /** The subscription to its progress; absent without one. */
  readonly subscription?: Subscription;
}

/** A referral that nobody follows up is forgotten after this long, seconds. */
const REFER_EXPIRES = 180;
const SIPFRAG = 'message/sipfrag;version=2.0';
const STATUS_LINE = /^SIP\/2\.0[ \t]+([1-6][0-9]{2})(?:[ \t]+([^\r\n]*))?(?:\r?\n|$)/;

/** Sends REFER. The first in a dialog of its own or in a session; `id` tells several apart (2.4.6). */
export function refer(core: AgentCore, options: ReferOptions): Referral {
  const { request, target, dialog, withoutSubscription = false, onProgress } = options;
  if (withoutSubscription) {
    const quiet: SipRequest = {
      ...request,
      headers: [
        ...request.headers,
        core.contact,
        { name: 'Refer-Sub', value: 'false' },
        { name: 'Supported', value: 'norefersub' },
      ],
    };
    const sent = dialog === undefined ? core.endpoint.request(quiet, target) : core.request(dialog, quiet);
    const failed = (error: unknown): SipResult => {
      if (error instanceof NetworkError) return unsent(503);
      throw error;
    };
    return { answered: sent.catch(failed) };
  }
  const subscription = new Subscription(core, {
    request,
    target,
    event: { name: 'refer', ...(dialog !== undefined && { id: String(cseqNumber(request)) }) },
    expires: REFER_EXPIRES,
    headers: [],
    ...(dialog !== undefined && { dialog }),
    onNotify: (notification) => {
      const progress = readProgress(notification.request.body);
      if (progress === undefined) return notification.request.body.length === 0 ? undefined : 400;
      onProgress?.(progress);
      return undefined;
    },
  });
  return { answered: subscription.answered, subscription };
}

/** Undefined when the body is no sipfrag that begins with a status line. */
export function readProgress(body: Uint8Array): ReferProgress | undefined {
  const [, status, reason = ''] = STATUS_LINE.exec(new TextDecoder().decode(body.subarray(0, 1024))) ?? [];
  return status === undefined ? undefined : { status: Number(status), reason };
}

/** A REFER that came, to be answered once. */
export interface IncomingReferral {
  readonly request: SipRequest;
  readonly referTo: NameAddr;
  refuse(status: number, parts?: RequestParts): void;
  /** 202, or 200 without a subscription. Then `progress` tells the other side; a final status ends it. */
  accept(headers?: readonly SipHeader[]): { progress(status: number, reason?: string): void };
}

/**
 * Reads a REFER; answers 400 itself and returns undefined when it has not exactly one Refer-To (RFC 3515 2.4.2).
 * `dialog`: the session it came in. Throws SipParseError.
 */
export function receiveRefer(
  core: AgentCore,
  incoming: IncomingRequest,
  dialog?: Dialog,
): IncomingReferral | undefined {
  const { request } = incoming;
  const targets = headerValues(request, 'Refer-To');
  if (targets.length !== 1) {
    incoming.respond(400, { reason: 'Bad Request (Refer-To: expected exactly one)' });
    return undefined;
  }
  const referTo = parseNameAddr(targets[0]!, 'Refer-To');
  if (referTo.uri === '*') {
    const expected = 'a URI';
    throw new SipParseError({ offset: 0, field: 'Refer-To', expected, clause: 'RFC 3515 2.1' });
  }
  return {
    request,
    referTo,
    refuse: (status, parts = {}) => incoming.respond(status, parts),
    accept: (headers = []) => acceptRefer(core, incoming, dialog, headers),
  };
}

function acceptRefer(
  core: AgentCore,
  incoming: IncomingRequest,
  dialog: Dialog | undefined,
  headers: readonly SipHeader[],
): { progress(status: number, reason?: string): void } {
  const { request } = incoming;
  const quiet =
    header(request, 'Refer-Sub')?.trim().toLowerCase() === 'false' &&
    [...optionTags(request, 'Supported'), ...optionTags(request, 'Require')].includes('norefersub');
  if (quiet) {
    incoming.respond(200, { headers: [{ name: 'Refer-Sub', value: 'false' }, ...headers] });
    return { progress: () => {} };
  }
  let state: ReferProgress = { status: 100, reason: reasonPhrase(100) };
  const inDialog = dialog !== undefined;
  const subscription = new ServerSubscription(core, incoming, {
    event: { name: 'refer', ...(inDialog && { id: String(cseqNumber(request)) }) },
    expires: REFER_EXPIRES,
    limits: { least: 1, most: REFER_EXPIRES, usual: REFER_EXPIRES },
    phase: 'active',
    ...(inDialog && { dialog }),
    content: () => ({
      headers: [{ name: 'Content-Type', value: SIPFRAG }],
      body: new TextEncoder().encode(`SIP/2.0 ${state.status} ${state.reason}\r\n`),
    }),
    onEnded: () => {},
  });
  incoming.respond(202, { headers: [...recordRouteHeaders(request), core.contact, ...headers] });
  subscription.openImplicitly();
  return {
    progress: (status, reason = reasonPhrase(status)) => {
      if (state.status >= 200) return;
      state = { status, reason };
      if (status >= 200) subscription.terminate('noresource');
      else subscription.changed();
    },
  };
}
