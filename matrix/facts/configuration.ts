/** Whether a phone's ACS configures it, by what the files and the steps say (docs/rcs-signalling.md 1.4, 1.5). */
import type { Carrier } from '../schema/carrier.ts';
import type { Case } from '../schema/case.ts';
import type { Device } from '../schema/device.ts';

type Answer = Carrier['acs']['answer'];

/** `rcs_profile` of each kind of phone. */
const PROFILES = { none: '', joyn: 'joyn_blackbird', '2.4': 'UP_2.4', '3.0': 'UP_3.0' } as const;

/** What the carrier's ACS tells this phone; `base` stands for its answer to phones that no policy names. */
export function acsAnswer(device: Device, carrier: Carrier, base: Answer = carrier.acs.answer): Answer {
  const policy = carrier.acs.devicePolicies.find(
    ({ vendor, model, profile }) =>
      (vendor === undefined || vendor === 'EMUL') &&
      (model === undefined || model === device.name.slice(0, 10)) &&
      (profile === undefined || profile === PROFILES[device.universalProfile]),
  );
  const answer = policy?.answer ?? base;
  // VERS 0 is all that a carrier without chat has to say.
  return answer === 'configure' && !carrier.services.chat ? 'wipe' : answer;
}

/** A phone that asks as at first boot gets a document, at once or after waits that end. */
export function acsConfigures(device: Device, carrier: Carrier): boolean {
  return acsAnswer(device, carrier) === 'configure' && carrier.acs.busy?.requests !== 'all';
}

/** Whether `role` has a configuration when the step `before` begins. */
export function configuredAt(testCase: Case, role: string, before: number): boolean {
  const { device, carrier: label } = testCase.roles[role]!;
  const carrier = testCase.carriers[label];
  let base = carrier.acs.answer;
  let busy = carrier.acs.busy?.requests === 'all';
  let asked = false;
  let configured = false;
  let stopped = false;
  const ask = () => {
    asked = true;
    if (stopped || busy) return;
    const answer = acsAnswer(device, carrier, base);
    configured = answer === 'configure';
    stopped = answer === 'wipe-and-stop' || answer === 'disabled';
  };
  for (const step of testCase.steps.slice(0, before)) {
    if ('provision' in step && step.provision.who === role) ask();
    if (!('acs' in step) || step.acs.carrier !== label) continue;
    base = step.acs.answer ?? base;
    if (step.acs.busy !== undefined) busy = step.acs.busy !== 'over' && step.acs.busy.requests === 'all';
    if (step.acs.tell && asked) ask();
  }
  return configured;
}
