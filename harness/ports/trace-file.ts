import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface LineFile {
  /** `line` is told its number in the file, from 0. */
  write(line: (number: number) => string): void;
  close(): Promise<void>;
}

/**
 * A file that grows by lines. What the disk does not take in time is left out, and the next line that is taken stands
 * behind one that says how many are missing: recording never stops what it records.
 */
export function openLines(
  folder: string,
  name: string,
  missing: (lines: number, number: number) => string,
): LineFile {
  mkdirSync(folder, { recursive: true });
  const stream = createWriteStream(join(folder, name), { highWaterMark: 64 * 1024 * 1024 });
  let written = 0;
  let lost = 0;
  const put = (line: (number: number) => string) => {
    stream.write(`${line(written)}\n`);
    written += 1;
  };
  return {
    write: (line) => {
      if (stream.writableNeedDrain) {
        lost += 1;
        return;
      }
      const before = lost;
      lost = 0;
      if (before > 0) put((number) => missing(before, number));
      put(line);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
