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

/** Choices of the two axes, then a square for each pair of values: how the cells behind it came out. */
export function heatMap(axes, cells, view, handlers) {
  const rows = axes.find((axis) => axis.name === view.rows) ?? { name: view.rows, values: [] };
  const columns = axes.find((axis) => axis.name === view.columns) ?? { name: view.columns, values: [] };
  const groups = Map.groupBy(cells, (cell) => `${cell.axes[rows.name]}\n${cell.axes[columns.name]}`);
  const square = (row, column) =>
    heatSquare(groups.get(`${row}\n${column}`) ?? [], row, column, () => handlers.square(row, column));
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
    { class: 'panel', 'aria-labelledby': 'heat-title' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'heat-title' }, 'Matrix'),
      axisPicker('rows', 'Rows', axes, view, handlers),
      axisPicker('columns', 'Columns', axes, view, handlers),
    ),
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Heat map' }, table),
  );
}

function heatSquare(cells, row, column, choose) {
  if (cells.length === 0) return el('span', { class: 'square empty', title: `${row} × ${column}: no cell` });
  const counts = outcomeCounts(cells);
  const told = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  const bad = (counts.failed ?? 0) + (counts['infra-error'] ?? 0);
  const label = `${row} × ${column}: ${told.join(', ')}`;
  return el(
    'button',
    {
      type: 'button',
      class: 'square',
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
