import { axisPill } from './cell-list.js';
import { el, plural } from './dom.js';

/** Cells named below a piece of news before the rest folds. */
const NAMED = 3;

/** What makes the run red, cells with one story told together. */
export function newsPanel(news, cells, axes, open) {
  if (news.length === 0) return '';
  const stories = [...Map.groupBy(news, ({ what }) => what)].sort((a, b) => b[1].length - a[1].length);
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const varying = axes.filter(({ values }) => values.length > 1).map(({ name }) => name);
  const item = ({ id }) =>
    el('li', {}, byId.has(id) ? cellLink(byId.get(id), varying, open) : el('b', {}, id));
  return el(
    'section',
    { class: 'panel news', 'aria-labelledby': 'news-title' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'news-title' }, 'News'),
      el('span', { class: 'muted' }, 'what makes this run red'),
    ),
    stories.map(([what, items]) =>
      el(
        'article',
        { class: 'story' },
        el('p', {}, what, el('span', { class: 'muted' }, ` (${items.length})`)),
        el('p', { class: 'evidence-of' }, byId.get(items[0].id)?.blame?.evidence ?? ''),
        el('ul', {}, items.slice(0, NAMED).map(item)),
        items.length > NAMED &&
          el(
            'details',
            {},
            el('summary', {}, `${items.length - NAMED} more`),
            el('ul', {}, items.slice(NAMED).map(item)),
          ),
      ),
    ),
  );
}

function cellLink(cell, varying, open) {
  const names = ['canary', ...varying].filter((name) => cell.axes[name] !== undefined);
  return el(
    'button',
    { type: 'button', class: 'axes link', on: { click: () => open(cell.id) } },
    names.map((name) => axisPill(name, cell.axes[name])),
  );
}

/** Combinations that a constraint keeps from being cells at all. */
export function removedPanel(removed) {
  if (removed.length === 0) return '';
  const rows = removed.map(({ because, combinations }) =>
    el('tr', {}, el('td', { class: 'number' }, plural(combinations, 'combination')), el('td', {}, because)),
  );
  return el(
    'section',
    { class: 'panel', 'aria-labelledby': 'removed-title' },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { id: 'removed-title' }, 'Never cells'),
      el('span', { class: 'muted' }, 'what the constraints of the plan remove'),
    ),
    el('table', { class: 'facts' }, rows),
  );
}
