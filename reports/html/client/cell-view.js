import { copyButton, duration, el, embedded, plural } from './dom.js';
import { ladder, showEntry } from './ladder.js';
import { cellBadge } from './outcomes.js';

/** All there is to know of one cell: verdict, steps, what the phones showed, frames. Fills the dialog. */
export function fillCellView(dialog, report, index, close) {
  const cell = report.cells[index];
  const detail = embedded(`cell-${index}`);
  const evidence = new Set(cell.failures.map((failure) => failure.blame.entry));
  const traceLink = () =>
    cell.tracePath === undefined
      ? 'no file'
      : el('a', { href: encodePath(cell.tracePath), target: '_blank' }, 'trace.jsonl');
  const body = el(
    'div',
    { class: 'cell-body' },
    verdict(cell, (n) => showEntry(body, n), detail),
    replay(report, cell),
    detail && steps(detail, cell),
    detail &&
      detail.phones.length > 0 &&
      section('What the phones show', el('div', { class: 'phones' }, detail.phones.map(phone))),
    detail
      ? section(
          `Frames (${detail.rows.filter((row) => row[0] === 'f').length})`,
          ladder(detail, evidence, traceLink),
        )
      : section('Frames', el('p', {}, noDetail(cell), cell.tracePath !== undefined && traceLink())),
  );
  dialog.replaceChildren(
    el(
      'header',
      { class: 'cell-head' },
      cellBadge(cell),
      el('h2', { id: 'cell-title' }, cell.id.replaceAll(',', ', ')),
      el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', on: { click: close } }, '✕'),
    ),
    body,
  );
}

function verdict(cell, show, detail) {
  const facts = [
    ['time', `${duration(cell.durationMs)}, of it ${duration(cell.cryptoMs)} cryptography`],
    ['virtual time', duration(cell.virtualMs)],
    ['evidence', plural(cell.evidence, 'fact')],
    ['hash', cell.hash],
  ];
  const rules = Object.entries(cell.rules);
  return section(
    'Verdict',
    cell.canary &&
      el(
        'p',
        {},
        `A canary, a planted fault: it must fail by ${cell.canary.rule}, blaming ${cell.canary.side} first.`,
      ),
    cell.known &&
      el(
        'p',
        {},
        el('span', { class: 'mark' }, 'known'),
        ` ${cell.known.because}, until ${cell.known.until} ${cell.known.link ?? ''}`,
      ),
    cell.reason && el('p', {}, cell.reason),
    cell.failures.map((failure) => failureCard(failure, show, detail)),
    rules.length > 0 &&
      el(
        'table',
        { class: 'facts' },
        rules.map(([subject, rule]) =>
          el('tr', {}, el('th', { scope: 'row' }, subject), el('td', {}, el('code', {}, rule))),
        ),
      ),
    el(
      'dl',
      { class: 'figures' },
      facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
    ),
  );
}

function failureCard(failure, show, detail) {
  const n = failure.blame.entry;
  const inLadder = detail?.rows.some((row) => row[1] === n);
  return el(
    'article',
    { class: 'failure' },
    el(
      'h4',
      {},
      el('code', {}, failure.rule),
      el('span', { class: 'muted' }, ` ${failure.clause} · step ${failure.stepIndex}`),
    ),
    el(
      'div',
      { class: 'versus' },
      el('div', {}, el('span', {}, 'expected'), el('p', {}, failure.expected)),
      el('div', {}, el('span', {}, 'actual'), el('p', {}, failure.actual)),
    ),
    el(
      'p',
      { class: 'blame' },
      el('b', {}, failure.blame.side),
      ' is to blame: ',
      failure.blame.evidence,
      ' ',
      inLadder
        ? el('button', { type: 'button', class: 'quiet', on: { click: () => show(n) } }, `Show entry ${n}`)
        : el('span', { class: 'muted' }, `(trace entry ${n})`),
    ),
  );
}

function replay(report, cell) {
  if (cell.casePath === undefined) return undefined;
  const command = `npx parley replay ${report.folder}/${cell.casePath}`;
  const code = el('code', {}, command);
  return section('Replay', el('div', { class: 'command' }, code, copyButton(command, code)));
}

function steps(detail, cell) {
  const failed = new Set(cell.failures.map((failure) => failure.stepIndex));
  return section(
    'Steps',
    el(
      'ol',
      { class: 'steps' },
      detail.rows
        .filter((row) => row[0] === 's')
        .map(([, , t, index, label]) =>
          el(
            'li',
            { class: failed.has(index) ? 'failed-step' : '' },
            el('span', { class: 'step-index' }, String(index)),
            el('span', {}, label),
            el('span', { class: 'muted' }, `${t.toLocaleString('en')} ms`),
          ),
        ),
    ),
  );
}

const BADGES = { secure: 'encrypted', plain: 'RCS, not encrypted', sms: 'SMS', none: '' };

function phone({ side, view }) {
  return el(
    'div',
    { class: 'phone' },
    el(
      'header',
      {},
      el('b', {}, side.replace('device:', '')),
      el('span', { class: 'muted' }, `${view.registration}${view.online ? '' : ', offline'}`),
    ),
    view.bubbles.length === 0
      ? el('p', { class: 'muted nothing' }, 'No messages')
      : view.bubbles.map((bubble) =>
          el(
            'div',
            { class: `bubble ${bubble.direction} b-${bubble.badge}` },
            el('p', {}, bubble.text),
            el('span', {}, [BADGES[bubble.badge], bubble.state, bubble.reason].filter(Boolean).join(' · ')),
          ),
        ),
    view.groups.map((group) =>
      el(
        'p',
        { class: 'muted' },
        `group ${group.groupId.slice(0, 8)}, epoch ${group.epoch}, ${plural(group.roster.length, 'member')}`,
      ),
    ),
  );
}

function noDetail(cell) {
  if (cell.tracePath !== undefined) return 'This page had no room for the frames of this cell; they are in ';
  return cell.outcome === 'skipped' || cell.outcome === 'not-run'
    ? 'The cell did not run.'
    : 'There is no trace.';
}

function section(title, ...children) {
  return el('section', {}, el('h3', {}, title), ...children);
}

/** Ids hold `=`, `,` and `+`, which a file server may read otherwise. */
const encodePath = (path) => path.split('/').map(encodeURIComponent).join('/');
