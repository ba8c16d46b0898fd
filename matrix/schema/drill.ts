import { z } from 'zod';
import { name } from './common.ts';

/** Readers that mutation drills attack, and `carrier`: a whole carrier in virtual time. */
export const MUTATION_TARGETS = [
  'mls',
  'sip-message',
  'sip-headers',
  'sip-stream',
  'cpim',
  'imdn',
  'sdp',
  'msrp',
  'xml',
  'configuration-document',
  'carrier',
] as const;

const mutations = z.strictObject({
  kind: z.literal('mutations'),
  targets: z.array(z.enum(MUTATION_TARGETS)).min(1),
  /** Mutated inputs in all, dealt evenly to the targets. */
  inputs: z.int().min(1).max(100_000_000),
});

/** A loaded server is killed without warning and started again; nothing that it accepted is lost or comes twice. */
const kill9 = z.strictObject({
  kind: z.literal('kill-9'),
  kills: z.int().min(1).max(10_000),
  /** Messages under way at once, from senders who send again what was not answered. */
  load: z.int().min(1).max(256),
});

/** A plan that is no matrix of cells: one kind of strain, repeated. `parley run --plan NAME` runs it. */
export const drillSchema = z.strictObject({
  name,
  title: z.string(),
  drill: z.discriminatedUnion('kind', [mutations, kill9]),
  seed: z.union([z.string(), z.int()]).default('1'),
});
export type Drill = z.infer<typeof drillSchema>;
export type DrillOf<K extends Drill['drill']['kind']> = Drill & {
  readonly drill: Extract<Drill['drill'], { readonly kind: K }>;
};
