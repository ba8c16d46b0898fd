import { el, plural } from './dom.js';
import { outcomeCounts } from './outcomes.js';

/** The axes to begin with: the two phones where the run has them, else the first two that vary. */
export function firstAxes(axes) {
  const names = axes.filter((axis) => axis.values.length > 1).map((axis) => axis.name);
  const all = axes.map((axis) => axis.name);
  const pick = (wanted, other) =>
    names.includes(wanted)
      ? wanted
      : (names.find((name) => name !== other) ?? all.find((name) => name !== other) ?? wanted);
  const rows = pick('sender', undefined);
  return { rows, columns: pick('recipient', rows) };
}

/**
 * Choices of the two axes, then a square for each pair of values: how the cells behind it came out. `cells` pass the
 * filters, `all` are the run's; `absent` says why there may be no cell at all.
 */
export function heatMap(axes, cells, all, absent, view, handlers) {
  const rows = axes.find((axis) => axis.name === view.rows) ?? { name: view.rows, values: [] };
  const columns = axes.find((axis) => axis.name === view.columns) ?? { name: view.columns, values: [] };
  const pairOf = (cell) => `${cell.axes[rows.name]}\n${cell.axes[columns.name]}`;
  const groups = Map.groupBy(cells, pairOf);
  const present = new Set(all.map(pairOf));
  const square = (row, column) => {
    const pair = `${row}\n${column}`;
    if (groups.has(pair))
      return heatSquare(groups.get(pair), row, column, () => handlers.square(row, column));
    const [kind, why] = present.has(pair) ? ['away', 'filtered away'] : ['empty', absent];
    return el('span', { class: `square ${kind}`, title: `${row} × ${column}: ${why}` });
  };
  const table = el(
    'table',
    { class: 'heat' },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('td', { class: 'corner' }, el('span', {}, `${rows.name} ↓`), el('span', {}, `${columns.name} →`)),
        columns.values.map((value) => el('th', { scope: 'col', title: value }, el('span', {}, value))),
      ),
    ),
    el(
      'tbody',
      {},
      rows.values.map((row) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row', title: row }, row),
          columns.values.map((column) => el('td', {}, square(row, column))),
        ),
      ),
    ),
  );
  return el(
    'section',
    { class: 'panel heat-panel', 'aria-labelledby': 'heat-title' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'heat-title' }, 'Matrix'),
      axisPicker('rows', 'Rows', axes, view, handlers),
      axisPicker('columns', 'Columns', axes, view, handlers),
    ),
    el(
      'div',
      { class: 'heat-and-legend', style: { '--columns': columns.values.length } },
      el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Heat map' }, table),
      heatLegend(cells, all, rows, columns, present, absent),
    ),
  );
}

/** What numbers, colours and hatching mean, as far as this map has them. */
function heatLegend(cells, all, rows, columns, present, absent) {
  const counts = outcomeCounts(cells);
  const outcomes = Object.keys(counts);
  const key = (name, what) =>
    el('span', { class: 'key' }, el('i', { class: `swatch ${name}`, 'aria-hidden': 'true' }), what);
  const bad = counts.failed !== undefined || counts['infra-error'] !== undefined;
  return el(
    'p',
    { class: 'legend muted', id: 'heat-legend' },
    el('span', {}, `A number counts the cells${bad ? '; 1/4 is one bad of four' : ''}.`),
    outcomes.length > 1 && el('span', {}, 'A colour takes its share of a square:'),
    outcomes.map((outcome) => key(`o-${outcome}`, outcome)),
    present.size < rows.values.length * columns.values.length && key('empty', absent),
    cells.length < all.length && key('away', 'filtered away'),
  );
}

function heatSquare(cells, row, column, choose) {
  const counts = outcomeCounts(cells);
  const told = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  const bad = (counts.failed ?? 0) + (counts['infra-error'] ?? 0);
  const label = `${row} × ${column}: ${told.join(', ')}`;
  return el(
    'button',
    {
      type: 'button',
      class: Object.keys(counts).length > 1 ? 'square mixed' : 'square',
      title: label,
      'aria-label': `${label}. ${plural(cells.length, 'cell')}`,
      on: { click: choose },
    },
    Object.entries(counts).map(([outcome, count]) =>
      el('span', { class: `part o-${outcome}`, style: { 'flex-grow': count } }),
    ),
    el(
      'span',
      { class: 'square-count' },
      bad > 0 && bad < cells.length ? `${bad}/${cells.length}` : String(cells.length),
    ),
  );
}

function axisPicker(which, label, axes, view, handlers) {
  const id = `heat-${which}`;
  return el(
    'label',
    { class: 'choice' },
    el('span', {}, label),
    el(
      'select',
      { id, on: { change: (event) => handlers.axis(which, event.target.value, id) } },
      axes.map((axis) => el('option', { value: axis.name, selected: axis.name === view[which] }, axis.name)),
    ),
  );
}
