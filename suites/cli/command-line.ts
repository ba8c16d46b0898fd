import { main } from '../../harness/cli/main.ts';
import { plainPaint } from '../../harness/cli/terminal.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process, over the fake runtime. */
export async function parley(...argv: string[]): Promise<Said> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    width: 120,
    live: false,
    paint: plainPaint,
  };
  const code = await main(argv, terminal, new URL('../run/fake-runtime.ts', import.meta.url).href);
  return { code, out, err };
}
