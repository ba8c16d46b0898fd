import { newFilter } from './filters.js';
import { OUTCOME_ORDER } from './outcomes.js';

/**
 * What is shown as an address: `#sender=pixel-up30&outcome=failed&search=words&rows=network&cell=ID`. Only what differs
 * from the page's beginning is in it; `cell` comes last.
 */
export function addressOf(filter, view, cell) {
  const parts = new URLSearchParams(filter.axes);
  if (filter.outcomes.size > 0) parts.set('outcome', [...filter.outcomes].join(' '));
  if (filter.text !== '') parts.set('search', filter.text);
  for (const which of ['rows', 'columns'])
    if (view[which] !== view.first[which]) parts.set(which, view[which]);
  if (cell !== undefined) parts.set('cell', cell);
  return parts.size === 0 ? location.pathname + location.search : `#${parts}`;
}

/** The id of the cell that `hash` opens; it may stand there unescaped too, and holds no space. */
export function cellIn(hash) {
  const cell = new URLSearchParams(hash.slice(1).replaceAll('+', '%2B')).get('cell');
  return cell ?? undefined;
}

/** Sets `filter` and `view` as `hash` has them; what is unknown there is left out. */
export function readAddress(hash, axes, filter, view) {
  const parts = new URLSearchParams(hash.slice(1));
  Object.assign(filter, newFilter());
  for (const { name, values } of axes) {
    if (values.includes(parts.get(name))) filter.axes[name] = parts.get(name);
  }
  filter.outcomes = new Set(
    OUTCOME_ORDER.filter((one) => (parts.get('outcome') ?? '').split(' ').includes(one)),
  );
  filter.text = parts.get('search') ?? '';
  const named = (which) =>
    axes.some(({ name }) => name === parts.get(which)) ? parts.get(which) : view.first[which];
  Object.assign(view, { rows: named('rows'), columns: named('columns') });
}
