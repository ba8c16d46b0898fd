/**
 * Media feature tags of RCS services (RFC 3840; RCC.07 capability discovery; docs/rcs-signalling.md 2.1): one table,
 * no tag anywhere else.
 */

export type Profile = 'joyn' | '2.4' | '3.0';

/**
 * Where the service is named: a value of the ICSI list, of the IARI list, or a tag of its own, alone (`flag`) or with
 * a string value (`value`).
 */
export type FeatureKind = 'icsi' | 'iari' | 'flag' | 'value';

export interface FeatureTag {
  readonly kind: FeatureKind;
  /** Suffix after the list's prefix, or the whole tag; lower case. */
  readonly name: string;
  /** Profiles whose clients write it; any client reads it. */
  readonly profiles: readonly Profile[];
}

export const ICSI_TAG = '+g.3gpp.icsi-ref';
export const IARI_TAG = '+g.3gpp.iari-ref';
export const ICSI_PREFIX = 'urn:urn-7:3gpp-service.ims.icsi.';
export const IARI_PREFIX = 'urn:urn-7:3gpp-application.ims.iari.';

const JOYN: readonly Profile[] = ['joyn'];
const ALL: readonly Profile[] = ['joyn', '2.4', '3.0'];
const UP: readonly Profile[] = ['2.4', '3.0'];
const UP3: readonly Profile[] = ['3.0'];
const NONE: readonly Profile[] = [];

/** Services that are either there or not. Several tags of one service: any of them is enough. */
export const SERVICE_TAGS = {
  chat: [icsi('oma.cpm.session', UP)],
  groupChat: [icsi('oma.cpm.session.group', UP)],
  simpleIm: [flag('+g.oma.sip-im', JOYN), iari('rcse.im', JOYN)],
  standalone: [icsi('oma.cpm.msg', UP), flag('+g.gsma.rcs.cpm.pager-large', NONE)],
  largeMessage: [icsi('oma.cpm.largemsg', UP), flag('+g.gsma.rcs.cpm.pager-large', NONE)],
  deferred: [icsi('oma.cpm.deferred', UP)],
  systemMessage: [icsi('oma.cpm.systemmsg', UP)],
  fileTransfer: [icsi('oma.cpm.filetransfer', UP), iari('rcse.ft', JOYN)],
  fileTransferHttp: [iari('rcs.fthttp', ALL)],
  fileThumbnail: [iari('rcs.ftthumb', ALL)],
  fileStoreAndForward: [iari('rcs.ftstandfw', ALL)],
  fileTransferSms: [iari('rcs.ftsms', UP)],
  groupStoreAndForward: [iari('rcs.fullsfgroupchat', ALL)],
  closedGroupChat: [iari('rcs.closedgroupchat', UP)],
  geolocationPush: [iari('rcs.geopush', ALL)],
  geolocationSms: [iari('rcs.geosms', UP)],
  geolocationPull: [iari('rcs.geopull', JOYN), iari('rcs.geopullft', JOYN)],
  chatbot: [iari('rcs.chatbot', UP)],
  chatbotStandalone: [iari('rcs.chatbot.sa', UP)],
  isBot: [flag('+g.gsma.rcs.isbot', UP)],
  callComposer: [icsi('gsma.callcomposer', UP), flag('+g.gsma.callcomposer', UP)],
  callUnanswered: [icsi('gsma.callunanswered', UP)],
  sharedMap: [icsi('gsma.sharedmap', UP)],
  sharedSketch: [icsi('gsma.sharedsketch', UP)],
  msgRevoke: [flag('+g.gsma.rcs.msgrevoke', UP)],
  msgFallback: [flag('+g.gsma.rcs.msgfallback', UP)],
  cpimExtensions: [flag('+g.gsma.rcs.cpimext', UP)],
  presenceDiscovery: [iari('rcse.dp', ALL)],
  socialPresence: [iari('rcse.sp', JOYN)],
  imageShare: [iari('gsma-is', JOYN)],
  videoShare: [flag('+g.3gpp.cs-voice', JOYN)],
  ipCall: [flag('+g.gsma.rcs.ipcall', UP), icsi('mmtel', NONE)],
  ipVideoCall: [flag('+g.gsma.rcs.ipvideocallonly', NONE), flag('video', UP)],
  smsOverIp: [flag('+g.3gpp.smsip', UP)],
  vendorE2ee: [flag('+vnd.google.rcs.encrypted', NONE)],
  mlsSupportsGroups: [flag('+g.google.rcs.mls-supports-groups', NONE)],
  focus: [flag('isfocus', ALL)],
  automata: [flag('automata', ALL)],
} as const satisfies Readonly<Record<string, readonly FeatureTag[]>>;

/** Services whose tag carries a value. */
export const VALUE_TAGS = {
  botVersion: value('+g.gsma.rcs.botversion', UP),
  /** RCC.16: `v1` for both of its revisions. */
  mlsVersion: value('+g.gsma.rcs.mls.mls-version', UP3),
  mlsKds: value('+g.gsma.rcs.mls.mls-kds', UP3),
  mlsLaunchIteration: value('+g.google.rcs.mls-launch-iteration', NONE),
  psDataOff: value('+g.3gpp.ps-data-off', UP),
} as const satisfies Readonly<Record<string, FeatureTag>>;

/** The tags by which a client announces MLS; withdrawn while it has no fresh certificate (RCC.16 5). */
export const MLS_TAGS: readonly string[] = [
  VALUE_TAGS.mlsVersion.name,
  VALUE_TAGS.mlsKds.name,
  VALUE_TAGS.mlsLaunchIteration.name,
  '+g.google.rcs.mls-supports-groups',
];

function icsi(name: string, profiles: readonly Profile[]): FeatureTag {
  return { kind: 'icsi', name, profiles };
}

function iari(name: string, profiles: readonly Profile[]): FeatureTag {
  return { kind: 'iari', name, profiles };
}

function flag(name: string, profiles: readonly Profile[]): FeatureTag {
  return { kind: 'flag', name, profiles };
}

function value(name: string, profiles: readonly Profile[]): FeatureTag {
  return { kind: 'value', name, profiles };
}
