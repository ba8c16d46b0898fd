import { canaryList, cellList, FIRST_PAGE } from './cell-list.js';
import { fillCellView } from './cell-view.js';
import { duration, el, embedded } from './dom.js';
import { filterBar, newFilter, outcomeTiles, passesFilter } from './filters.js';
import { firstAxes, heatMap } from './heat-map.js';
import { newsPanel, removedPanel } from './news.js';

const report = embedded('report');
const cells = report.cells.filter((cell) => cell.canary === undefined);
const canaries = report.cells.filter((cell) => cell.canary !== undefined);
const filter = newFilter();
const view = firstAxes(report.axes);
const app = document.getElementById('app');
const dialog = document.getElementById('cell');
let limit = FIRST_PAGE;

/** Draws the page anew; `focus` names the control that had the focus, so that it keeps it. */
function draw(focus) {
  const field = document.activeElement?.id === 'search' ? document.activeElement.selectionStart : undefined;
  const shown = cells.filter((cell) => passesFilter(cell, filter));
  const changed = (id) => {
    limit = FIRST_PAGE;
    draw(id);
  };
  app.replaceChildren(
    ...[
      banner(report.summary),
      el(
        'main',
        {},
        outcomeTiles(cells, filter, changed),
        newsPanel(report.summary.news, report.cells, report.axes, openCell),
        filterBar(report.axes, filter, shown.length, cells.length, changed),
        heatMap(report.axes, shown, view, { square: chooseSquare, axis: chooseAxis }),
        cellList(shown, report.axes, limit, openCell, (next) => {
          limit = next;
          draw('more');
        }),
        canaryList(canaries, openCell),
        removedPanel(report.summary.removed),
      ),
      footer(report.summary),
    ],
  );
  const target = focus === undefined ? null : document.getElementById(focus);
  target?.focus({ preventScroll: true });
  if (focus === 'search' && field !== undefined && field !== null) target.setSelectionRange(field, field);
}

function chooseAxis(which, name, id) {
  const other = which === 'rows' ? 'columns' : 'rows';
  if (view[other] === name) view[other] = view[which];
  view[which] = name;
  draw(id);
}

/** One cell behind the square: straight to it; more: they become the list. */
function chooseSquare(row, column) {
  const behind = cells.filter(
    (cell) =>
      passesFilter(cell, filter) && cell.axes[view.rows] === row && cell.axes[view.columns] === column,
  );
  if (behind.length === 1) return openCell(behind[0].id);
  filter.axes[view.rows] = row;
  filter.axes[view.columns] = column;
  limit = FIRST_PAGE;
  draw();
  document.getElementById('list-title').scrollIntoView({ block: 'start' });
  document.querySelector('.cell')?.focus({ preventScroll: true });
}

function banner(summary) {
  const red = summary.exitCode !== 0;
  const incomplete = summary.counts['infra-error'] + summary.counts['not-run'] > 0 && summary.exitCode === 2;
  const status = [
    summary.news.length > 0 ? `News: ${summary.news.length}` : 'No news',
    incomplete && 'incomplete',
  ];
  const facts = [
    ['plan', summary.plan],
    ['seed', summary.seed],
    ['started', summary.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['took', duration(summary.wallMs)],
    ['canaries', `${summary.canaries.caught} of ${summary.canaries.planted} caught`],
    ['filter', summary.filter],
    ['shard', summary.shard],
  ];
  return el(
    'header',
    { class: 'banner' },
    el(
      'div',
      { class: 'brand' },
      el('span', { class: 'logo', 'aria-hidden': 'true' }, el('i'), el('i')),
      el('h1', {}, 'Parley'),
      el('span', { class: 'muted' }, 'E2EE RCS interoperability'),
    ),
    el('span', { class: `status ${red ? 'red' : 'green'}` }, status.filter(Boolean).join(', ')),
    el(
      'dl',
      { class: 'run' },
      facts
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    ),
  );
}

function footer(summary) {
  const versions = Object.entries(summary.versions).map(([name, version]) => `${name} ${version}`);
  return el('footer', {}, `${summary.run} · ${versions.join(' · ')}`);
}

function openCell(id) {
  location.hash = `cell=${encodeURIComponent(id)}`;
}

/** The address says which cell is open, so that a link leads there and Back closes it. */
function followAddress() {
  const id = /^#cell=(.*)$/.exec(location.hash)?.[1];
  const index = report.cells.findIndex((cell) => id === encodeURIComponent(cell.id) || id === cell.id);
  if (index < 0) {
    if (dialog.open) dialog.close();
    return;
  }
  fillCellView(dialog, report, index, () => dialog.close());
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

dialog.addEventListener('close', () => {
  if (location.hash !== '') history.pushState(null, '', location.pathname + location.search);
});
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});
addEventListener('hashchange', followAddress);
addEventListener('popstate', followAddress);
draw();
followAddress();
