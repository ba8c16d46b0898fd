import type { Carrier } from '../../emulators/carrier/carrier.ts';
import type { LiveRegistration } from '../../reports/live/live-state.ts';
import type { ServedCarrier } from './served-carriers.ts';

/** Rows that a page can hold. */
const MOST = 200;

/** Who is registered at a carrier, the latest first. */
export function liveRegistrations(
  label: string,
  { accounts }: ServedCarrier,
  carrier: Carrier,
): LiveRegistration[] {
  const { bindings } = carrier.status();
  return bindings.slice(0, MOST).map(({ msisdn, instance, flow, expiresAt }) => ({
    carrier: label,
    account: accounts.find((account) => account.msisdn === msisdn)?.name ?? '',
    msisdn,
    transport: flow.transport,
    remote: `${flow.remote.host} port ${flow.remote.port}`,
    instance,
    expiresAt,
  }));
}
