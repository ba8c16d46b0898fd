/**
 * The trace of one case: append-only, one JSON object a line. It is the product: verdicts and reports are renderings
 * of it, and an old trace can be judged again by a newer oracle. Times are virtual milliseconds since the case began.
 */

/** Bytes on the wire or in a store: UTF-8 text where it is valid UTF-8 without NUL, else base64. */
export type TraceBytes = { readonly text: string } | { readonly base64: string };

interface EntryBase {
  /** Position in the trace, from 0. */
  readonly n: number;
  readonly t: number;
}

/** The first entry: who is who. A side is `device:<role>`, `carrier:<A|B>`, `hub` or `link:<name>`. */
export interface WorldEntry extends EntryBase {
  readonly kind: 'world';
  readonly caseId: string;
  readonly seed: string;
  /** What time 0 is, in milliseconds since the Unix epoch; absent where a world has the date that all have. */
  readonly startMs?: number;
  readonly hosts: readonly { readonly host: string; readonly side: string }[];
  /** Planted markers, by message id: unique strings that stand inside the content of that message. */
  readonly markers: Readonly<Record<string, string>>;
}

export interface StepEntry extends EntryBase {
  readonly kind: 'step';
  readonly index: number;
  /** The step as data; steps that need nothing more than settling time have verb `settle`. */
  readonly step: Readonly<Record<string, unknown>>;
}

export type WireProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss' | 'http' | 'https' | 'cs';

/**
 * Bytes that left a host. `cs` is the circuit-switched signalling channel that carries SMS TPDUs.
 * `tls`, `wss` and `https` frames are recorded before encryption, as a capture with a key log shows them. A frame of
 * `ws` or `wss` holds one WebSocket message, without its framing.
 */
export interface FrameEntry extends EntryBase {
  readonly kind: 'frame';
  readonly protocol: WireProtocol;
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** Numbers the stream, datagram pair or HTTP exchange; both directions share it. */
  readonly connection: number;
  /**
   * `data`, or a stream's life: `open`, `close`, `reset`, or `alert`, by which a TLS client ends the handshake; its
   * bytes are level and description (RFC 8446 section 6). For http(s): `request` or `response`.
   */
  readonly event: 'data' | 'open' | 'close' | 'reset' | 'alert' | 'request' | 'response';
  /** For datagrams `lost` frames never arrive. For streams loss shows as delay. */
  readonly fate: 'delivered' | 'lost' | 'unreachable';
  /** Name of the link it crossed. */
  readonly link: string;
  readonly bytes?: TraceBytes;
}

/** Something a side did that a person, an operator or an auditor could see. */
export interface EventEntry extends EntryBase {
  readonly kind: 'event';
  readonly side: string;
  /** e.g. `registered`, `deregistered`, `notification`, `audit`, `capability`, `sms-sent`, `stored`, `delivered-from-store`. */
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type Badge = 'secure' | 'plain' | 'sms' | 'none';
export type Channel = 'rcs' | 'sms' | 'none';
/** `queued`: held on the device, nothing left it. `pending`: being sent. `sent`: the network took it. */
export type MessageState = 'queued' | 'pending' | 'sent' | 'delivered' | 'displayed' | 'failed';

/** One message as its person sees it. */
export interface Bubble {
  /** The scenario's name for it when it carries that message's marker, else the wire id. */
  readonly message: string;
  /** imdn.Message-ID, or the SMS reference. */
  readonly wireId: string;
  readonly direction: 'out' | 'in';
  readonly peer: string;
  readonly text: string;
  readonly badge: Badge;
  readonly channel: Channel;
  readonly state: MessageState;
  /** Why it is queued or failed; absent otherwise. */
  readonly reason?: string;
}

/** Public agreement values of an MLS group at one member; none of them is secret. */
export interface GroupView {
  readonly groupId: string;
  readonly era: number;
  readonly epoch: string;
  readonly treeHash: string;
  readonly epochAuthenticator: string;
  /** SHA-256 over an exporter secret under a label of the harness's own. */
  readonly exporterDigest: string;
  readonly roster: readonly string[];
}

/** What the phone shows and what its owner could read off it; written after every step and once at the end. */
export interface DeviceView {
  readonly registration: 'registered' | 'unregistered' | 'disabled' | 'sms-only';
  /** Why it is not registered, where the phone can tell; begins with `certificate` when a certificate is to blame. */
  readonly registrationReason?: string;
  readonly online: boolean;
  readonly bubbles: readonly Bubble[];
  /** Last capability result by peer MSISDN. */
  readonly capabilities: Readonly<
    Record<
      string,
      { readonly rcs: 'yes' | 'no' | 'unknown'; readonly mls: boolean; readonly online: boolean }
    >
  >;
  readonly groups: readonly GroupView[];
}

export interface StateEntry extends EntryBase {
  readonly kind: 'state';
  readonly side: string;
  readonly stepIndex: number;
  readonly view: DeviceView;
}

/** What a carrier keeps (store-and-forward queue, logs), written when it changes; searched for markers. */
export interface StoreEntry extends EntryBase {
  readonly kind: 'store';
  readonly side: string;
  readonly key: string;
  readonly bytes: TraceBytes;
}

/** An `expect` step that could not be met is judged by the oracle; a step the harness couldn't run is an error. */
export interface ErrorEntry extends EntryBase {
  readonly kind: 'error';
  readonly stepIndex: number;
  readonly message: string;
}

/** Last entry: what was still alive after the world closed. All zero in a healthy world. */
export interface EndEntry extends EntryBase {
  readonly kind: 'end';
  readonly leaks: {
    readonly timers: number;
    readonly streams: number;
    readonly sockets: number;
    readonly listeners: number;
    readonly requests: number;
  };
}

export type TraceEntry =
  | WorldEntry
  | StepEntry
  | FrameEntry
  | EventEntry
  | StateEntry
  | StoreEntry
  | ErrorEntry
  | EndEntry;
