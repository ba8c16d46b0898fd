import { type Plan, planSchema } from '../../matrix/schema/plan.ts';

/** Every phone as recipient of two senders, all else fixed: 40 cells and the canaries, quick to expand. */
export const smallPlan: Plan = planSchema.parse({
  name: 'small',
  title: 'For tests of the run itself',
  scenarios: ['onboarding', 'one-to-one'],
  dimensions: {
    sender: { devices: ['pixel-up30', 'iphone-up30'] },
    recipient: { devices: 'all' },
    carrierA: { carriers: ['up30-e2ee'] },
    carrierB: { carriers: ['up30-e2ee'] },
    network: ['lte'],
    policy: ['default'],
  },
  strategy: { kind: 'full' },
  skip: [{ match: { recipient: 'iphone-17-sms' }, because: 'a phone that is left out on purpose' }],
});
