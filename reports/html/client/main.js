import { addressOf, cellIn, readAddress } from './address.js';
import { canaryList, cellList, FIRST_PAGE } from './cell-list.js';
import { fillCellView, fillUnknownCell } from './cell-view.js';
import { duration, el, embedded, plural } from './dom.js';
import { filterBar, newFilter, outcomeTiles, passesFilter } from './filters.js';
import { firstAxes, heatMap } from './heat-map.js';
import { newsPanel, removedPanel } from './news.js';

const report = embedded('report');
const cells = report.cells.filter((cell) => cell.canary === undefined);
const canaries = report.cells.filter((cell) => cell.canary !== undefined);
const filter = newFilter();
const view = { ...firstAxes(report.axes), first: firstAxes(report.axes) };
let drawn = false;
const app = document.getElementById('app');
const dialog = document.getElementById('cell');
let limit = FIRST_PAGE;

/** Draws the page anew; `focus` names the control that had the focus, so that it keeps it. */
function draw(focus) {
  const field = document.activeElement?.id === 'search' ? document.activeElement.selectionStart : undefined;
  const shown = cells.filter((cell) => passesFilter(cell, filter));
  const shownCanaries = canaries.filter((cell) => passesFilter(cell, filter));
  const { summary } = report;
  const changed = (id) => {
    limit = FIRST_PAGE;
    redraw(id);
  };
  app.replaceChildren(
    ...[
      banner(summary),
      el(
        'main',
        {},
        outcomeTiles(cells, filter, changed),
        newsPanel(summary.news, report.cells, report.axes, openCell),
        filterBar(report.axes, filter, told(shown, shownCanaries), changed),
        heatMap(report.axes, shown, cells, whyAbsent(summary), view, {
          square: chooseSquare,
          axis: chooseAxis,
        }),
        cellList(shown, report.axes, limit, nothing(shownCanaries), openCell, (next) => {
          limit = next;
          draw('more');
        }),
        canaryList(shownCanaries, openCell),
        removedPanel(summary.removed),
      ),
      footer(summary),
    ],
  );
  const target = focus === undefined ? null : document.getElementById(focus);
  target?.focus({ preventScroll: true });
  if (focus === 'search' && field !== undefined && field !== null) target.setSelectionRange(field, field);
}

/** After a change of what is shown: the address keeps it, without a new entry in the history. */
function redraw(focus) {
  history.replaceState(null, '', addressOf(filter, view, cellIn(location.hash)));
  draw(focus);
}

function told(shown, shownCanaries) {
  const part = (some, all, one, many) =>
    some.length === all.length
      ? plural(all.length, one, many)
      : `${some.length} of ${plural(all.length, one, many)}`;
  const inCells = part(shown, cells, 'cell');
  return canaries.length === 0
    ? inCells
    : `${inCells}, ${part(shownCanaries, canaries, 'canary', 'canaries')}`;
}

function nothing(shownCanaries) {
  const below =
    shownCanaries.length === 0
      ? ''
      : ` ${plural(shownCanaries.length, 'canary does', 'canaries do')}, below.`;
  return `No cell passes the filters${below === '' ? '.' : ';'}${below}`;
}

/** Why a pair of values may have no cell at all. */
function whyAbsent({ filter: chosen, shard, removed }) {
  if (chosen !== undefined || shard !== undefined) return 'not part of this run';
  return removed.length > 0 ? 'removed by a constraint' : 'not in this plan';
}

function chooseAxis(which, name, id) {
  const other = which === 'rows' ? 'columns' : 'rows';
  if (view[other] === name) view[other] = view[which];
  view[which] = name;
  redraw(id);
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
  redraw();
  document.getElementById('list-title').scrollIntoView({ block: 'start' });
  document.querySelector('.cell')?.focus({ preventScroll: true });
}

function banner(summary) {
  const red = summary.exitCode !== 0;
  const incomplete = summary.counts['infra-error'] + summary.counts['not-run'] > 0 && summary.exitCode === 2;
  const status = [
    summary.news.length > 0 ? `News: ${summary.news.length}` : 'No news: nothing new failed',
    incomplete && 'incomplete',
  ];
  const facts = [
    ['plan', summary.plan],
    ['seed', summary.seed],
    ['started', summary.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['took', duration(summary.wallMs)],
    ['canaries', `${summary.canaries.caught} of ${summary.canaries.planted} caught`],
    ['network', summary.network === 'sockets' ? 'real sockets: not deterministic' : undefined],
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
  location.hash = addressOf(filter, view, id);
}

/** The address says what is shown and which cell is open, so that a link leads there and Back closes it. */
function followAddress() {
  const before = addressOf(filter, view);
  readAddress(location.hash, report.axes, filter, view);
  if (!drawn || addressOf(filter, view) !== before) draw();
  drawn = true;
  const id = cellIn(location.hash);
  if (id === undefined) {
    if (dialog.open) dialog.close();
    return;
  }
  const index = report.cells.findIndex((cell) => cell.id === id);
  const close = () => dialog.close();
  if (index < 0) fillUnknownCell(dialog, id, report, close);
  else fillCellView(dialog, report, index, close);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

dialog.addEventListener('close', () => {
  if (cellIn(location.hash) !== undefined) history.pushState(null, '', addressOf(filter, view));
});
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});
// What sticks below the dialog's head has to know how high that is.
new ResizeObserver(() => {
  dialog.style.setProperty('--head', `${dialog.querySelector('.cell-head')?.offsetHeight ?? 0}px`);
}).observe(dialog);
addEventListener('hashchange', followAddress);
addEventListener('popstate', followAddress);
followAddress();
