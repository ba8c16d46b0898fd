import { type Matrix, named } from '../load.ts';
import type { Device } from '../schema/device.ts';
import { engineFile } from '../schema/engine.ts';

/**
 * The phone with the engine and the cipher suite that the axes give it, and with what its engine can't do written out.
 * A phone without MLS stays as it is. Throws RangeError for an engine that has no file in the matrix.
 */
export function withMls(
  matrix: Pick<Matrix, 'engines'>,
  device: Device,
  engineAxis: string | undefined,
  suiteAxis: string | undefined,
): Device {
  if (!device.mls) return device;
  const { mls } = device;
  const engine = engineAxis ?? mls.engine;
  const { lacks } = named(matrix.engines, engineFile(engine), 'MLS engine');
  if (engine === mls.engine && suiteAxis === undefined && lacks.length === 0) return device;
  const all = [...new Set([...lacks, ...(mls.lacks ?? [])])];
  return {
    ...device,
    mls: {
      ...mls,
      engine,
      ...(suiteAxis !== undefined && { cipherSuites: [Number(suiteAxis) as 1 | 2] }),
      ...(all.length > 0 && { lacks: all }),
    },
  };
}
