/** docs/rcs-signalling.md 3.2: capabilities as service descriptions of a presence document, and back. */

import { type Capabilities, NO_CAPABILITIES, type Service } from '../capabilities/capabilities.ts';
import type { Pidf, PidfService, PidfTuple } from './pidf.ts';

interface Row {
  readonly service: Service;
  readonly serviceId: string;
  /** Written; any version is read, but where the same id means different things. */
  readonly version: string;
}

const OMA = 'org.openmobilealliance:';
const IARI = 'org.3gpp.urn:urn-7:3gpp-application.ims.iari.';
const ICSI = 'org.3gpp.urn:urn-7:3gpp-service.ims.icsi.';

const TABLE: readonly Row[] = [
  row('standalone', `${OMA}StandaloneMsg`, '2.0'),
  row('chat', `${OMA}ChatSession`, '2.0'),
  row('simpleIm', `${OMA}IM-session`, '1.0'),
  row('standalone', `${IARI}rcs.sm`, '1.0'),
  row('groupStoreAndForward', `${IARI}rcs.fullsfgroupchat`, '1.0'),
  row('fileTransfer', `${OMA}File-Transfer`, '1.0'),
  row('fileTransferHttp', `${OMA}File-Transfer-HTTP`, '1.0'),
  row('fileThumbnail', `${IARI}rcs.ftthumb`, '1.0'),
  row('fileTransferSms', `${IARI}rcs.ftsms`, '1.0'),
  row('geolocationPush', `${IARI}rcs.geopush`, '1.0'),
  row('geolocationSms', `${IARI}rcs.geosms`, '1.0'),
  row('chatbot', `${IARI}rcs.chatbot`, '2.0'),
  row('chatbotStandalone', `${IARI}rcs.chatbot.sa`, '2.0'),
  row('isBot', 'org.gsma.rcs.isbot', '1.0'),
  row('presenceDiscovery', `${IARI}rcse.dp`, '1.0'),
  row('callComposer', `${ICSI}gsma.callcomposer`, '2.0'),
  row('callUnanswered', `${ICSI}gsma.callunanswered`, '1.0'),
  row('sharedMap', `${ICSI}gsma.sharedmap`, '1.0'),
  row('sharedSketch', `${ICSI}gsma.sharedsketch`, '1.0'),
];
const MMTEL = `${ICSI}mmtel`;

/**
 * The service-ids of MLS are not published (docs/rcs-signalling.md 3.2, [?]): these are the names under which this
 * stack writes and reads them; another network may be told others.
 */
export interface MlsServiceIds {
  readonly version: string;
  readonly kds: string;
}

export const DEFAULT_MLS_SERVICE_IDS: MlsServiceIds = {
  version: 'org.gsma.rcs.mls.mls-version',
  kds: 'org.gsma.rcs.mls.mls-kds',
};

/** One tuple a service, in table order; `closed` is for someone who is known and away. */
export function capabilitiesToPidf(
  entity: string,
  capabilities: Capabilities,
  options: {
    readonly basic?: 'open' | 'closed';
    readonly contact?: string;
    readonly mls?: MlsServiceIds;
  } = {},
): Pidf {
  const { basic = 'open', contact, mls = DEFAULT_MLS_SERVICE_IDS } = options;
  const services: PidfService[] = [];
  const written = new Set<Service>();
  for (const { service, serviceId, version } of TABLE) {
    // The first row of a service is the one that is written.
    if (!capabilities[service] || written.has(service)) continue;
    written.add(service);
    services.push({ serviceId, version });
  }
  if (capabilities.ipCall || capabilities.ipVideoCall) {
    services.push({
      serviceId: MMTEL,
      version: '1.0',
      media: { audio: true, video: capabilities.ipVideoCall },
    });
  }
  const { mlsVersion, mlsKds } = capabilities;
  if (mlsVersion !== undefined) services.push({ serviceId: mls.version, version: mlsVersion });
  if (mlsKds !== undefined) services.push({ serviceId: mls.kds, version: mlsKds });
  const tuples = services.map(
    (service, index): PidfTuple => ({
      id: `t${index + 1}`,
      basic,
      service,
      ...(contact !== undefined && { contact }),
    }),
  );
  return { entity, tuples };
}

/**
 * What a document says its entity can do, ids trimmed and in any case. `online`: whether a tuple with a known service is
 * open; services of closed tuples count all the same, they are what the network knows of someone who is away.
 */
export function capabilitiesFromPidf(
  { tuples }: Pidf,
  mls: MlsServiceIds = DEFAULT_MLS_SERVICE_IDS,
): { readonly capabilities: Capabilities; readonly online: boolean } {
  const found: Partial<Record<Service, boolean>> = {};
  let mlsVersion: string | undefined;
  let mlsKds: string | undefined;
  let online = false;
  for (const { service, basic } of tuples) {
    const id = service?.serviceId.trim().toLowerCase();
    if (service === undefined || id === undefined) continue;
    const known = TABLE.find((each) => each.serviceId.toLowerCase() === id);
    if (known !== undefined) found[known.service] = true;
    // One id for pager and large mode.
    if (known?.serviceId === `${OMA}StandaloneMsg`) found.largeMessage = true;
    if (id === MMTEL) {
      found.ipCall = service.media?.audio ?? true;
      found.ipVideoCall = service.media?.video ?? false;
    }
    if (id === mls.version.toLowerCase()) mlsVersion ??= service.version.trim();
    if (id === mls.kds.toLowerCase()) mlsKds ??= service.version.trim();
    online ||= basic === 'open' && (known !== undefined || id === MMTEL);
  }
  const capabilities = {
    ...NO_CAPABILITIES,
    ...found,
    ...(mlsVersion !== undefined && { mlsVersion }),
    ...(mlsKds !== undefined && { mlsKds }),
  };
  return { capabilities, online };
}

function row(service: Service, serviceId: string, version: string): Row {
  return { service, serviceId, version };
}
