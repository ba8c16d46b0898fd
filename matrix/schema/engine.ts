import { z } from 'zod';
import { name } from './common.ts';

/** Parts of RCC.16 that not every MLS implementation can do. */
export const RCC16_PARTS = ['era', 'signed-receipts', 'padding'] as const;

export const rcc16Parts = z
  .array(z.enum(RCC16_PARTS))
  .refine((parts) => new Set(parts).size === parts.length, { message: 'a part is named twice' });

/** `parley`, another file in matrix/engines, or `grpc:HOST:PORT`, which engines/grpc.yaml describes. */
export const engineReference = z
  .string()
  .regex(
    /^([a-z0-9]+(-[a-z0-9]+)*|grpc:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5})$/,
    'an engine of matrix/engines, or grpc:HOST:PORT',
  );

/** What an MLS implementation can't do of RCC.16; phones that have it do without, and the decision table knows. */
export const engineSchema = z.strictObject({ name, title: z.string(), lacks: rcc16Parts });
export type Engine = z.infer<typeof engineSchema>;

/** The file in matrix/engines that an engine reference is about. */
export function engineFile(reference: string): string {
  return reference.startsWith('grpc:') ? 'grpc' : reference;
}
