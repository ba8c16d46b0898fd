/** Where a command writes, and what that place can show. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Characters in a line; Infinity where lines may be of any length. */
  readonly width: number;
  /** Whether `err` is a screen on which a progress bar can move. */
  readonly live: boolean;
  readonly paint: Paint;
}

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
};

export const plainPaint: Paint = (_colour, text) => text;
export const ansiPaint: Paint = (colour, text) =>
  `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`;

/** The terminal of this process. Colour only on a screen, and not when NO_COLOR is set (no-color.org); no bar in CI. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const ci = (env['CI'] ?? '') !== '' && env['CI'] !== 'false';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    width: stdout.isTTY === true ? stdout.columns : Infinity,
    live: stderr.isTTY === true && !ci,
    paint: stdout.isTTY === true && !noColour ? ansiPaint : plainPaint,
  };
}

/** Rows as aligned columns, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  return rows
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
