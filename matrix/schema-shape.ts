import type { z } from 'zod';

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly getter?: () => z.ZodType;
}

/** The fields accepted at `path` of what `schema` describes: in a union, those of every alternative. */
export function acceptedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here = unwrap(schema);
  for (const part of path) here = here.flatMap((one) => child(one, part)).flatMap(unwrap);
  const keys = here.flatMap((one) => Object.keys(definition(one).shape ?? {}));
  return [...new Set(keys)];
}

function child(schema: z.ZodType, part: PropertyKey): z.ZodType[] {
  const { shape, element, valueType } = definition(schema);
  const next = shape === undefined ? (element ?? valueType) : shape[String(part)];
  return next === undefined ? [] : [next];
}

/** Takes off optional, default, lazy and union wrappers. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const { innerType, options, getter } = definition(schema);
  if (options !== undefined) return options.flatMap(unwrap);
  const inner = innerType ?? getter?.();
  return inner === undefined ? [schema] : unwrap(inner);
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}
