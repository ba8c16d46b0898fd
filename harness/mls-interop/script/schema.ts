import { z } from 'zod';
import { name } from '../../../matrix/schema/common.ts';

/** Who acts; each is played by one of the implementations. */
const actor = name;
const group = name.default('main');
const epoch = z.number().int().min(0).max(1_000_000);

const extensions = z
  .array(
    z.strictObject({
      type: z.number().int().min(0).max(0xffff),
      /** extension_data in hexadecimal, in quotes. */
      data: z
        .string()
        .regex(/^([0-9a-f]{2})*$/, 'hexadecimal digits, two for each byte')
        .default(''),
    }),
  )
  .max(16);
export type ScriptExtensions = z.infer<typeof extensions>;

const reinitFields = {
  /** Default: the group keeps its id. */
  'group-id': z.string().max(64).optional(),
  /** `other`: the lowest other suite that everybody has. */
  suite: z.enum(['same', 'other']).default('same'),
  extensions: extensions.default([]),
};
const reinit = z.strictObject(reinitFields);
export type ReInitAsked = z.infer<typeof reinit>;

/** What the contract describes as a value, RFC 9420 section 12.1. */
const described = [
  z.strictObject({ add: actor }),
  z.strictObject({ remove: actor }),
  /** The name of a PSK that a `psk` step gave out. */
  z.strictObject({ psk: name }),
  /** An epoch of the group whose resumption PSK is taken in. */
  z.strictObject({ resumption: epoch }),
  z.strictObject({ extensions }),
] as const;
const value = z.union(described);
export type ProposedValue = z.infer<typeof value>;
const ofMember = z.union([...described, z.strictObject({ update: z.literal('own-leaf') })]);
const ofOutsider = z.union([...described, z.strictObject({ reinit })]);
export type ProposedByMember = z.infer<typeof ofMember>;
export type ProposedFromOutside = z.infer<typeof ofOutsider>;

const text = z.string().max(4_000);

/**
 * The language of scripts: each step is an object with one key, its verb. After a step that starts an epoch the runner
 * compares epoch authenticator and an exported secret of all members.
 */
export const stepSchema = z.union([
  z.strictObject({ 'create-group': z.strictObject({ who: actor, group }) }),
  /** Needed only before a `psk` that a joiner is to hold; adding takes what is there, or asks for one. */
  z.strictObject({ 'key-package': z.strictObject({ who: actor }) }),
  z.strictObject({ psk: z.strictObject({ name, holders: z.array(actor).min(1), group }) }),
  z.strictObject({ propose: z.strictObject({ from: actor, what: ofMember, group }) }),
  /** All proposals sent since the last commit by reference, and `values`. */
  z.strictObject({
    commit: z.strictObject({
      from: actor,
      values: z.array(value).max(64).default([]),
      /** Whether there is an UpdatePath where none is needed. */
      path: z.boolean().default(false),
      group,
    }),
  }),
  z.strictObject({
    send: z.strictObject({
      from: actor,
      text,
      'authenticated-data': text.default(''),
      /** Keeps the message for `deliver` instead of giving it to everybody. */
      hold: name.optional(),
      group,
    }),
  }),
  z.strictObject({
    deliver: z.strictObject({
      message: name,
      to: z.array(actor).min(1),
      expect: z.enum(['opened', 'refused']).default('opened'),
      group,
    }),
  }),
  /** Every member sends to every other. */
  z.strictObject({ 'everyone-speaks': z.strictObject({ group }) }),
  z.strictObject({
    'external-join': z.strictObject({
      who: actor,
      /** Who hands out the GroupInfo. */
      from: actor,
      psks: z.array(name).default([]),
      'remove-prior': z.boolean().default(false),
      group,
    }),
  }),
  z.strictObject({ 'propose-self': z.strictObject({ who: actor, from: actor, group }) }),
  z.strictObject({ 'external-signer': z.strictObject({ who: actor, 'proposed-by': actor, group }) }),
  z.strictObject({
    'propose-from-outside': z.strictObject({ signer: actor, from: actor, what: ofOutsider, group }),
  }),
  z.strictObject({
    reinit: z.strictObject({
      /** Left out when a signer outside has proposed it. */
      from: actor.optional(),
      committer: actor,
      welcomer: actor,
      ...reinitFields,
      path: z.boolean().default(false),
      group,
    }),
  }),
  z.strictObject({
    branch: z.strictObject({
      from: actor,
      members: z.array(actor).min(1),
      as: name,
      extensions: extensions.default([]),
      path: z.boolean().default(false),
      group,
    }),
  }),
  /** That many steps drawn from the verbs above, always the same ones for one seed. */
  z.strictObject({
    random: z.strictObject({
      actors: z.array(actor).min(2).max(16),
      steps: z.number().int().min(1).max(1_000),
      seed: z.string().max(64).default('parley'),
      /** What some implementations leave out: paths that no proposal asks for, GroupContextExtensions. */
      omit: z.array(z.enum(['forced-path', 'extensions'])).default([]),
    }),
  }),
]);
export type WrittenStep = z.infer<typeof stepSchema>;
export type RandomAsked = Extract<WrittenStep, { random: unknown }>['random'];
/** A step as it is carried out. */
export type Step = Exclude<WrittenStep, { random: unknown }>;

const axis = <T extends readonly [string, ...string[]]>(values: T, byDefault: T[number][]) =>
  z.array(z.enum(values)).min(1).default(byDefault);

export const scriptSchema = z.strictObject({
  name,
  title: z.string(),
  /** How the group's proposals and commits travel. */
  handshake: axis(['public', 'private'] as const, ['public', 'private']),
  /** Where the ratchet tree is: in Welcome and GroupInfo, or handed over beside them. */
  tree: axis(['inside', 'beside'] as const, ['inside']),
  /** `rotated`: instead of every assignment of actors to implementations, everybody alike, and each in turn by place. */
  assignments: z.enum(['all', 'rotated']).default('all'),
  steps: z.array(stepSchema).min(1).max(200),
});

export const scriptFileSchema = z.strictObject({
  title: z.string(),
  scripts: z.array(scriptSchema).min(1).max(100),
});
export type WrittenScript = z.infer<typeof scriptSchema>;
