import { el } from './dom.js';
import { OUTCOME_ORDER, outcomeSign } from './outcomes.js';

/** Which cells are shown: by axis (one value or all), by outcome (none chosen: all) and by words in their text. */
export function newFilter() {
  return { axes: {}, outcomes: new Set(), text: '' };
}

/** A canary has an outcome of its own, so outcomes don't choose among canaries. */
export function passesFilter(cell, filter) {
  if (cell.canary === undefined && filter.outcomes.size > 0 && !filter.outcomes.has(cell.outcome))
    return false;
  for (const [axis, value] of Object.entries(filter.axes)) if (cell.axes[axis] !== value) return false;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = searchText(cell);
  return words.every((word) => text.includes(word));
}

function searchText(cell) {
  const failures = cell.failures.map(
    (f) => `${f.rule} ${f.clause} ${f.blame.side} ${f.blame.evidence} ${f.actual}`,
  );
  const parts = [
    cell.id,
    cell.outcome,
    cell.rule,
    cell.reason,
    cell.hash,
    cell.canary ? 'canary' : '',
    cell.known ? 'known' : '',
  ];
  return [...parts, ...failures].join(' ').toLowerCase();
}

/** Buttons that count the outcomes and choose them. */
export function outcomeTiles(cells, filter, changed) {
  return el(
    'div',
    { class: 'tiles', role: 'group', 'aria-label': 'Outcomes' },
    OUTCOME_ORDER.map((outcome) => {
      const count = cells.filter((cell) => cell.outcome === outcome).length;
      const pressed = filter.outcomes.has(outcome);
      const toggle = () => {
        if (pressed) filter.outcomes.delete(outcome);
        else filter.outcomes.add(outcome);
        changed(`tile-${outcome}`);
      };
      return el(
        'button',
        {
          type: 'button',
          id: `tile-${outcome}`,
          class: `tile o-${outcome}${count === 0 ? ' zero' : ''}`,
          'aria-pressed': String(pressed),
          on: { click: toggle },
        },
        el('span', { class: 'tile-count' }, count.toLocaleString('en')),
        el('span', { class: 'tile-name' }, `${outcomeSign(outcome)} ${outcome}`),
      );
    }),
  );
}

/** Search field, a choice for every axis with more than one value, and a way back to all cells; `told` is how many are left. */
export function filterBar(axes, filter, told, changed) {
  const search = el('input', {
    type: 'search',
    id: 'search',
    placeholder: 'Search id, rule, side, evidence …',
    'aria-label': 'Search cells',
    value: filter.text,
    on: {
      input: (event) => {
        filter.text = event.target.value;
        changed('search');
      },
    },
  });
  const choices = axes
    .filter((axis) => axis.values.length > 1)
    .map((axis) => axisChoice(axis, filter, changed));
  const active = filter.text !== '' || filter.outcomes.size > 0 || Object.keys(filter.axes).length > 0;
  const clear = () => {
    Object.assign(filter, newFilter());
    changed('search');
  };
  return el(
    'div',
    { class: 'filters' },
    el(
      'div',
      { class: 'search-row' },
      search,
      el('span', { class: 'muted', role: 'status' }, told),
      active &&
        el('button', { type: 'button', class: 'quiet', id: 'clear', on: { click: clear } }, 'Show all'),
    ),
    choices,
  );
}

function axisChoice(axis, filter, changed) {
  const id = `axis-${axis.name}`;
  const choose = (event) => {
    if (event.target.value === '') delete filter.axes[axis.name];
    else filter.axes[axis.name] = event.target.value;
    changed(id);
  };
  const chosen = filter.axes[axis.name];
  return el(
    'label',
    { class: chosen === undefined ? 'choice' : 'choice chosen' },
    el('span', {}, axis.name),
    el(
      'select',
      { id, 'aria-label': axis.name, on: { change: choose } },
      el('option', { value: '' }, 'any'),
      axis.values.map((value) => el('option', { value, selected: value === chosen }, value)),
    ),
  );
}
