/** RFC 3903 section 6: the server's side of PUBLISH (an event state compositor): entity-tags, conditions, expiry. */

import type { Clock, Random, Timer } from '../../platform.ts';
import { parseEvent } from './event-header.ts';
import { expiresOf } from './expires.ts';
import { header } from './headers.ts';
import { newTag } from './identifiers.ts';
import type { SipHeader, SipRequest } from './message.ts';

export interface Published {
  readonly entity: string;
  readonly event: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface EventStateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: readonly { readonly event: string; readonly contentTypes: readonly string[] }[];
  /** Seconds. */
  readonly expires: { readonly least: number; readonly most: number; readonly usual: number };
  /** Publications of one entity and in all; more are answered 503. */
  readonly most?: { readonly ofEntity: number; readonly all: number };
  /** The state of an entity is another now. */
  onChanged(entity: string, event: string): void;
}

export interface EventStateAnswer {
  readonly status: number;
  readonly headers: readonly SipHeader[];
}

interface Entry extends Published {
  readonly expiry: Timer;
}

const MOST = { ofEntity: 16, all: 100_000 };

export class EventState {
  readonly #options: EventStateOptions;
  readonly #most: { readonly ofEntity: number; readonly all: number };
  /** By entity-tag, in the order of publication: the latest last. */
  readonly #entries = new Map<string, Entry>();
  readonly #byEntity = new Map<string, Set<string>>();

  constructor(options: EventStateOptions) {
    this.#options = options;
    this.#most = options.most ?? MOST;
  }

  /** What is published for an entity, the latest last. */
  of(entity: string, event: string): Published[] {
    const tags = this.#byEntity.get(entity) ?? [];
    return [...tags].map((tag) => this.#entries.get(tag)!).filter((entry) => entry.event === event);
  }

  /** Serves a PUBLISH for `entity` (6): the caller has decided that the sender may. Throws SipParseError. */
  receive(request: SipRequest, entity: string): EventStateAnswer {
    const { events, expires } = this.#options;
    const event = parseEvent(header(request, 'Event')).name;
    const served = events.find((each) => each.event === event);
    if (served === undefined)
      return refused(489, 'Allow-Events', events.map((each) => each.event).join(', '));
    const asked = expiresOf(request) ?? expires.usual;
    if (asked > 0 && asked < expires.least) return refused(423, 'Min-Expires', String(expires.least));
    const match = header(request, 'SIP-If-Match')?.trim();
    const before = match === undefined ? undefined : this.#entries.get(match);
    if (match !== undefined && (before?.entity !== entity || before.event !== event)) return refused(412);
    const type = (header(request, 'Content-Type') ?? '').split(';')[0]!.trim().toLowerCase();
    if (request.body.length > 0 && !served.contentTypes.includes(type)) {
      return refused(415, 'Accept', served.contentTypes.join(', '));
    }
    if (before === undefined && request.body.length === 0) return refused(400);
    if (asked === 0) return this.#remove(match, entity, event);
    if (before === undefined && this.#isFull(entity)) return refused(503, 'Retry-After', '60');
    if (match !== undefined) this.#drop(match);
    const changed = request.body.length > 0;
    const tag = this.#keep(
      {
        entity,
        event,
        contentType: changed ? type : before!.contentType,
        body: changed ? request.body : before!.body,
      },
      Math.min(asked, expires.most),
    );
    if (changed) this.#options.onChanged(entity, event);
    return {
      status: 200,
      headers: [
        { name: 'SIP-ETag', value: tag },
        { name: 'Expires', value: String(Math.min(asked, expires.most)) },
      ],
    };
  }

  close(): void {
    for (const { expiry } of this.#entries.values()) expiry.cancel();
    this.#entries.clear();
    this.#byEntity.clear();
  }

  #isFull(entity: string): boolean {
    const own = this.#byEntity.get(entity)?.size ?? 0;
    return own >= this.#most.ofEntity || this.#entries.size >= this.#most.all;
  }

  #remove(match: string | undefined, entity: string, event: string): EventStateAnswer {
    if (match !== undefined) {
      this.#drop(match);
      this.#options.onChanged(entity, event);
    }
    // 6 step 6: a tag all the same, for something that is not there.
    const headers = [
      { name: 'SIP-ETag', value: newTag(this.#options.random) },
      { name: 'Expires', value: '0' },
    ];
    return { status: 200, headers };
  }

  #keep(published: Published, seconds: number): string {
    const { clock, random, onChanged } = this.#options;
    const tag = newTag(random);
    const expiry = clock.setTimer(seconds * 1000, () => {
      this.#drop(tag);
      onChanged(published.entity, published.event);
    });
    this.#entries.set(tag, { ...published, expiry });
    const own = this.#byEntity.get(published.entity) ?? new Set();
    this.#byEntity.set(published.entity, own.add(tag));
    return tag;
  }

  #drop(tag: string): void {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return;
    entry.expiry.cancel();
    this.#entries.delete(tag);
    const own = this.#byEntity.get(entry.entity);
    own?.delete(tag);
    if (own?.size === 0) this.#byEntity.delete(entry.entity);
  }
}

function refused(status: number, name?: string, value = ''): EventStateAnswer {
  return { status, headers: name === undefined ? [] : [{ name, value }] };
}
