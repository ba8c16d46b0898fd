import { copyButton, duration, el, plural, unpacked } from './dom.js';
import { ladder, ladderExcerpt, showEntry } from './ladder.js';
import { cellBadge } from './outcomes.js';

/** All there is to know of one cell: verdict, steps, what the phones showed, frames. Fills the dialog. */
export async function fillCellView(dialog, report, index, close) {
  const cell = report.cells[index];
  dialog.replaceChildren(cellHead(cellBadge(cell), cell.id.replaceAll(',', ', '), close));
  const head = dialog.firstChild;
  const detail = await unpacked(`cell-${index}`);
  // Another cell may have been opened in the meantime.
  if (dialog.firstChild === head) dialog.append(cellBody(report, cell, detail));
}

/** The address names a cell that this run has not. */
export function fillUnknownCell(dialog, id, report, close) {
  const part = report.summary.filter ?? report.summary.shard;
  dialog.replaceChildren(
    cellHead(el('span'), 'No such cell', close),
    el(
      'div',
      { class: 'cell-body' },
      section(
        'The address names a cell that is not in this run',
        el('p', {}, el('code', {}, id)),
        el(
          'p',
          {},
          part === undefined
            ? 'It may be of another run, or a constraint of the plan may remove it.'
            : `This run is a part of its plan only (${part}); the cell may be in the rest.`,
        ),
      ),
    ),
  );
}

function cellHead(badge, title, close) {
  return el(
    'header',
    { class: 'cell-head' },
    badge,
    el('h2', { id: 'cell-title' }, title),
    el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', on: { click: close } }, '✕'),
  );
}

function cellBody(report, cell, detail) {
  const evidence = new Set(cell.failures.map((failure) => failure.blame.entry));
  const traceLink = () =>
    cell.tracePath === undefined
      ? 'no file'
      : el('a', { href: encodePath(cell.tracePath), target: '_blank' }, 'trace.jsonl');
  const body = el(
    'div',
    { class: 'cell-body' },
    verdict(cell, detail, report.summary.rules, (n) => showEntry(body, n), traceLink),
    replay(report, cell),
    detail && steps(detail),
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
  return body;
}

function verdict(cell, detail, rules, show, traceLink) {
  const facts = [
    [
      'time',
      `${duration(cell.durationMs)}, of it ${duration(cell.cryptoMs)} cryptography`,
      'Wall time to run and judge the cell',
    ],
    ['virtual time', duration(cell.virtualMs), 'Time that passed in the simulated world'],
    [
      'evidence',
      plural(cell.evidence, 'fact'),
      'What was seen to be right: a state shown, a message read, members that agree. Without any a cell cannot pass.',
    ],
    ...(cell.nondeterministic
      ? [['not deterministic', cell.nondeterministic, 'A replay judges the cell again, in other bytes']]
      : []),
    ['hash', cell.hash, 'Digest of case.yaml: equal hashes are the same case in any run'],
  ];
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
    cell.failures.length === 0 && cell.reason && el('p', {}, cell.reason),
    cell.failures.length > 0 && rootCause(cell.failures[0], detail, show, traceLink),
    cell.failures.length > 1 && consequences(cell.failures, detail, show),
    judgedRules(cell, detail, rules),
    el(
      'dl',
      { class: 'figures' },
      facts.map(([name, value, title]) => el('div', { title }, el('dt', {}, name), el('dd', {}, value))),
    ),
  );
}

/** Each message and device in order of the steps: its rule, what that expects, what the trace shows. */
function judgedRules(cell, detail, rules) {
  const seen = new Map(detail?.observed.map(({ subject, text }) => [subject, text]));
  const order = [...seen.keys()];
  const subjects = Object.keys(cell.rules).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return subjects.map((subject) => {
    const rule = cell.rules[subject];
    const [kind, name] = subject.split(':');
    const known = rules[`${kind}:${rule}`];
    return el(
      'article',
      { class: 'judged' },
      el(
        'h4',
        {},
        `${kind} "${name}" `,
        el('code', {}, rule),
        el('span', { class: 'muted' }, ` ${known?.clause ?? ''}`),
      ),
      versus(
        known?.expected ?? 'see matrix/expectations.yaml',
        'seen',
        seen.get(subject) ?? 'there is no trace',
      ),
    );
  });
}

function versus(expected, label, actual) {
  return el(
    'div',
    { class: 'versus' },
    el('div', {}, el('span', {}, 'expected'), el('p', {}, expected)),
    el('div', {}, el('span', {}, label), el('p', {}, actual)),
  );
}

/** The earliest failure in full, with the frame that shows it. */
function rootCause(failure, detail, show, traceLink) {
  return el(
    'article',
    { class: 'failure' },
    el(
      'h4',
      {},
      el('code', {}, failure.rule),
      el('span', { class: 'mark root' }, 'root cause'),
      el('span', { class: 'muted' }, ` ${failure.clause} · step ${detail?.deviation ?? failure.stepIndex}`),
    ),
    versus(failure.expected, 'actual', failure.actual),
    blame(failure, detail, show),
    detail && ladderExcerpt(detail, failure.blame.entry, traceLink),
  );
}

/** The other failures, a line each; those of another side need not follow from the first. */
function consequences(failures, detail, show) {
  const { side } = failures[0].blame;
  const others = Map.groupBy(failures.slice(1), (failure) => failure.blame.side === side);
  return [true, false].map((same) => {
    const group = others.get(same) ?? [];
    return (
      group.length > 0 &&
      el(
        'div',
        { class: 'consequences' },
        el('h4', {}, same ? `Also broken by it (${group.length})` : `Also found (${group.length})`),
        group.map((failure) =>
          el(
            'details',
            {},
            el(
              'summary',
              {},
              el('span', { class: 'muted' }, `step ${failure.stepIndex} `),
              el('code', {}, failure.rule),
              ` ${failure.expected}; but ${failure.actual}`,
            ),
            el('p', { class: 'muted' }, failure.clause),
            blame(failure, detail, show),
          ),
        ),
      )
    );
  });
}

function blame(failure, detail, show) {
  const n = failure.blame.entry;
  const inLadder = detail?.rows.some((row) => row[1] === n);
  return el(
    'p',
    { class: 'blame' },
    el('b', {}, failure.blame.side),
    ' is to blame: ',
    failure.blame.evidence,
    ' ',
    inLadder
      ? el('button', { type: 'button', class: 'quiet', on: { click: () => show(n) } }, `Show entry ${n}`)
      : el('span', { class: 'muted' }, `(trace entry ${n})`),
  );
}

function replay(report, cell) {
  if (cell.casePath === undefined) return undefined;
  const network = cell.network === undefined ? '' : ` --network ${cell.network}`;
  return section(
    'Replay',
    shellCommand(`npx parley replay ${report.folder}/${cell.casePath}${network}`),
    cell.tracePath !== undefined && [
      el('p', { class: 'muted' }, 'The frames as a capture for Wireshark:'),
      shellCommand(`npx parley capture ${report.folder}/${cell.tracePath}`),
    ],
  );
}

function shellCommand(command) {
  const code = el('code', {}, command);
  return el('div', { class: 'command' }, code, copyButton(command, code));
}

/** Only where the case first left its path is marked: what fails after that may merely follow from it. */
function steps(detail) {
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
            { class: index === detail.deviation ? 'failed-step' : '' },
            el('span', { class: 'step-index' }, String(index)),
            el(
              'span',
              {},
              label,
              index === detail.deviation && el('span', { class: 'mark root' }, 'the first deviation'),
            ),
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
