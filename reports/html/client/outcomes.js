import { el } from './dom.js';

/** Worst first, everywhere: a square takes the colour of its worst cells from the left. */
export const OUTCOME_ORDER = ['failed', 'infra-error', 'not-run', 'unsupported', 'skipped', 'passed'];

const SIGNS = {
  passed: '✓',
  failed: '✕',
  unsupported: '–',
  skipped: '»',
  'infra-error': '!',
  'not-run': '○',
};

/** Colour never stands alone: every outcome has a sign and its name too. */
export function outcomeBadge(outcome) {
  return el(
    'span',
    { class: `badge o-${outcome}` },
    el('span', { 'aria-hidden': 'true' }, SIGNS[outcome]),
    ` ${outcome}`,
  );
}

/** A canary must fail: what counts is whether that was seen, and the right side blamed. */
export function cellBadge(cell) {
  if (cell.canary === undefined || (cell.outcome !== 'failed' && cell.outcome !== 'passed'))
    return outcomeBadge(cell.outcome);
  return cell.canary.caught
    ? el('span', { class: 'badge o-passed' }, '✓ caught')
    : el('span', { class: 'badge o-failed' }, '✕ missed');
}

export function outcomeSign(outcome) {
  return SIGNS[outcome];
}

/** `{ failed: 2, passed: 10 }` of some cells, worst first, no zeros. */
export function outcomeCounts(cells) {
  const counts = {};
  for (const outcome of OUTCOME_ORDER) {
    const count = cells.filter((cell) => cell.outcome === outcome).length;
    if (count > 0) counts[outcome] = count;
  }
  return counts;
}
