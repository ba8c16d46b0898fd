/** The provisioning manager: auto-configuration over the operator's bearer (RCC.14; docs/rcs-signalling.md 1.2). */
import type { Platform } from '../platform.ts';
import {
  acsHost,
  acsQuery,
  configAction,
  parseConfigDocument,
  type RcsConfig,
  readRcsConfig,
} from '../rcs/config/index.ts';

export interface Terminal {
  readonly msisdn: string;
  readonly imsi: string;
  readonly vendor: string;
  readonly model: string;
  readonly softwareVersion: string;
  readonly clientVersion: string;
  /** `UP_2.4`, `UP_3.0` ... */
  readonly rcsProfile: string;
}

export type ProvisioningOutcome =
  | { readonly kind: 'configured'; readonly config: RcsConfig }
  /** The ACS said no, for a time or for good: RCS is off and SMS remains. */
  | { readonly kind: 'disabled'; readonly why: string }
  | { readonly kind: 'unavailable'; readonly why: string };

const DOCUMENT_KEY = 'rcs-config';
/** A configuration document is a few KiB. */
const DOCUMENT_LIMIT = 256 * 1024;

export async function provision(platform: Platform, terminal: Terminal): Promise<ProvisioningOutcome> {
  // MCC and MNC are the first digits of the IMSI; the emulated networks have MNCs of three digits.
  const host = acsHost(terminal.imsi.slice(0, 3), terminal.imsi.slice(3, 6));
  const stored = storedConfig(platform);
  try {
    // First the plain request that the network enriches with the identity, then the same cookie over https.
    const first = await platform.network.fetch(new Request(`http://${host}/`));
    if (first.status === 403) return { kind: 'disabled', why: '403 from the ACS: not entitled to RCS' };
    const cookie = first.headers.get('set-cookie')?.split(';')[0];
    if (!first.ok || !cookie)
      return { kind: 'unavailable', why: `the ACS answered ${first.status} without a cookie` };
    const query = acsQuery({
      vers: stored?.version ?? 0,
      rcsVersion: '11.0',
      rcsProfiles: [terminal.rcsProfile],
      clientVendor: 'PRLY',
      clientVersion: terminal.clientVersion,
      terminalVendor: terminal.vendor,
      terminalModel: terminal.model,
      terminalSwVersion: terminal.softwareVersion,
      provisioningVersion: '5.0',
      defaultSmsApp: 1,
      imsi: terminal.imsi,
    });
    const second = await platform.network.fetch(
      new Request(`https://${host}/?${query}`, { headers: { cookie } }),
    );
    if (second.status === 403) return { kind: 'disabled', why: '403 from the ACS: not entitled to RCS' };
    if (!second.ok) return keepOrFail(stored, `the ACS answered ${second.status}`);
    const body = new Uint8Array(await second.arrayBuffer());
    if (body.length > DOCUMENT_LIMIT)
      return keepOrFail(stored, `a configuration document of ${body.length} octets`);
    return adopt(platform, body, stored);
  } catch (error) {
    return keepOrFail(stored, error instanceof Error ? error.message : String(error));
  }
}

function adopt(platform: Platform, body: Uint8Array, stored: RcsConfig | undefined): ProvisioningOutcome {
  const document = parseConfigDocument(body);
  const action = configAction(document, stored?.version ?? 0);
  if (action === 'unchanged' && stored) return { kind: 'configured', config: stored };
  if (action !== 'store') {
    platform.store.delete(DOCUMENT_KEY);
    return { kind: 'disabled', why: `the configuration document says: ${action}` };
  }
  const config = readRcsConfig(document);
  platform.store.set(DOCUMENT_KEY, body);
  return { kind: 'configured', config };
}

/** RCC.14: a failing ACS never takes a working configuration away. */
function keepOrFail(stored: RcsConfig | undefined, why: string): ProvisioningOutcome {
  return stored ? { kind: 'configured', config: stored } : { kind: 'unavailable', why };
}

function storedConfig(platform: Platform): RcsConfig | undefined {
  const bytes = platform.store.get(DOCUMENT_KEY);
  return bytes && readRcsConfig(parseConfigDocument(bytes));
}
