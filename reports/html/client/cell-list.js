import { duration, el, plural } from './dom.js';
import { cellBadge, OUTCOME_ORDER } from './outcomes.js';

/** Rows put on the page at a time. */
const PAGE = 100;

/** The cells that pass the filter, worst first; each leads to its own view. `limit` grows with `more`; `nothing` is
 * said where there is none. */
export function cellList(cells, axes, limit, nothing, open, more) {
  const varying = axes.filter((axis) => axis.values.length > 1).map((axis) => axis.name);
  const sorted = [...cells].sort(
    (a, b) => OUTCOME_ORDER.indexOf(a.outcome) - OUTCOME_ORDER.indexOf(b.outcome) || (a.id < b.id ? -1 : 1),
  );
  return el(
    'section',
    { class: 'panel', 'aria-labelledby': 'list-title' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'list-title' }, 'Cells'),
      el('span', { class: 'muted' }, plural(cells.length, 'cell')),
    ),
    cells.length === 0
      ? el('p', { class: 'nothing' }, nothing)
      : el(
          'ul',
          { class: 'cells' },
          sorted.slice(0, limit).map((cell) => el('li', {}, cellRow(cell, varying, open))),
        ),
    sorted.length > limit &&
      el(
        'button',
        { type: 'button', class: 'more', id: 'more', on: { click: () => more(limit + PAGE) } },
        `Show ${Math.min(PAGE, sorted.length - limit)} more of ${sorted.length - limit}`,
      ),
  );
}

export const FIRST_PAGE = PAGE;

/** The cells with a planted fault: they tell whether the oracle sees at all, and stand in no count. */
export function canaryList(canaries, open) {
  if (canaries.length === 0) return '';
  return el(
    'section',
    { class: 'panel', 'aria-labelledby': 'canary-title' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'canary-title' }, 'Canaries'),
      el('span', { class: 'muted' }, 'planted faults that must be found and blamed on the right side'),
    ),
    el(
      'ul',
      { class: 'cells' },
      canaries.map((cell) =>
        el('li', {}, cellRow(cell, ['canary', 'scenario', 'sender', 'recipient'], open)),
      ),
    ),
  );
}

function cellRow(cell, varying, open) {
  const axes = (varying.length > 0 ? varying : Object.keys(cell.axes)).filter(
    (name) => cell.axes[name] !== undefined,
  );
  return el(
    'button',
    { type: 'button', class: 'cell', 'data-id': cell.id, on: { click: () => open(cell.id) } },
    cellBadge(cell),
    el(
      'span',
      { class: 'cell-text' },
      el(
        'span',
        { class: 'axes' },
        axes.map((name) => axisPill(name, cell.axes[name])),
      ),
      el('span', { class: 'cell-why' }, cell.known && el('span', { class: 'mark' }, 'known'), why(cell)),
    ),
    el('span', { class: 'cell-time' }, duration(cell.durationMs)),
  );
}

export function axisPill(name, value) {
  return el('span', { class: 'pill' }, el('span', {}, name), value);
}

function why(cell) {
  if (cell.blame !== undefined) return `${cell.rule} · ${cell.blame.side} · ${cell.blame.evidence}`;
  return cell.reason ?? cell.rule ?? '';
}
