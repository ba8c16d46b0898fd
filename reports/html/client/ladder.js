import { bytesView } from './bytes.js';
import { el, plural } from './dom.js';

/** Rows of an excerpt before and after the one it is about. */
const AROUND = 2;

/**
 * Frames between hosts in the order of the trace, one row each: entry and time, an arrow from lane to lane, what it
 * carries; where the page is narrow, a list.
 * `evidence`: trace positions that a blame points at. Rows of streams opening and closing can be shown or hidden.
 */
export function ladder(detail, evidence, traceLink) {
  const lanes = detail.lanes;
  const rows = el(
    'div',
    { class: 'rows whole' },
    detail.rows.map((row) => ladderRow(row, detail, evidence, traceLink)),
  );
  const life = detail.rows.filter((row) => row[0] === 'f' && isLife(row)).length;
  const box = el('input', {
    type: 'checkbox',
    id: 'show-life',
    on: { change: () => rows.classList.toggle('with-life', box.checked) },
  });
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'ladder-head' },
      ladderLegend(detail, evidence),
      life > 0 && el('label', { class: 'check' }, box, ` Show ${plural(life, 'stream event')} (open, close)`),
    ),
    el(
      'div',
      { class: 'ladder', role: 'region', 'aria-label': 'Frames', style: { '--n': lanes.length } },
      laneNames(lanes),
      rows,
    ),
    detail.omitted > 0 &&
      el('p', { class: 'muted' }, `${plural(detail.omitted, 'row')} more in `, traceLink(), '.'),
  );
}

/** The row of entry `n` with those just before and after it; undefined when the ladder has no such row. */
export function ladderExcerpt(detail, n, traceLink) {
  const told = detail.rows.filter(
    (row) => row[1] === n || row[0] === 's' || (row[0] === 'f' && !isLife(row)),
  );
  const at = told.findIndex((row) => row[1] === n);
  if (at < 0) return undefined;
  const rows = told.slice(Math.max(0, at - AROUND), at + AROUND + 1);
  return el(
    'div',
    { class: 'ladder excerpt', style: { '--n': detail.lanes.length } },
    laneNames(detail.lanes),
    el(
      'div',
      { class: 'rows' },
      rows.map((row) => ladderRow(row, detail, new Set([n]), traceLink)),
    ),
  );
}

function laneNames(lanes) {
  return el(
    'div',
    { class: 'lanes' },
    el('span', { class: 'time' }, el('span', {}, '#entry'), 'ms'),
    el(
      'div',
      { class: 'hosts' },
      lanes.map((lane) =>
        el(
          'div',
          { class: 'host', title: `${lane.host}, ${lane.side}` },
          el('b', {}, lane.name),
          el('span', {}, lane.side.replace(/^device:.*/, 'phone')),
        ),
      ),
    ),
  );
}

/** What colours and dashes mean, as far as this ladder has them. */
function ladderLegend({ rows }, evidence) {
  const frames = rows.filter((row) => row[0] === 'f');
  const speaks = (...protocols) => frames.some((row) => protocols.includes(row[5]));
  const key = (name, what) =>
    el('span', { class: 'key' }, el('i', { class: `line ${name}`, 'aria-hidden': 'true' }), what);
  return el(
    'p',
    { class: 'legend muted' },
    speaks('udp', 'tcp', 'tls', 'ws', 'wss') && key('', 'SIP'),
    speaks('http', 'https') && key('p-http', 'HTTP'),
    speaks('cs') && key('p-cs', 'SMS'),
    frames.some((row) => row[7] !== 'delivered') && key('f-lost', 'lost or unreachable'),
    evidence.size > 0 && key('evidence', 'evidence of a failure'),
    el('span', {}, 'A frame opens to its content and bytes.'),
  );
}

function ladderRow(row, detail, evidence, traceLink) {
  if (row[0] === 's') {
    const [, n, t, index, label] = row;
    return el(
      'div',
      { class: 'row step-row', data: { n } },
      stamp(n, t),
      el('b', {}, `step ${index}`),
      ` ${label}`,
    );
  }
  if (row[0] === 'e') {
    const [, n, t, side, name, text] = row;
    const marked = evidence.has(n) ? ' evidence' : '';
    return el(
      'div',
      { class: `row note-row${marked}`, data: { n }, tabindex: '-1' },
      stamp(n, t),
      el('span', { class: 'track' }, el('span', {}, el('b', {}, `${side} ${name}`), ` ${text}`)),
    );
  }
  return frameRow(row, detail, evidence, traceLink);
}

function frameRow(row, detail, evidence, traceLink) {
  const { lanes } = detail;
  const [, n, t, from, to, protocol, , fate, , , , , summary] = row;
  const left = (Math.min(from, to) + 0.5) / lanes.length;
  const width = Math.abs(from - to) / lanes.length;
  const direction = from === to ? 'self' : from < to ? 'right' : 'left';
  const anchor = left + width > 0.6 ? 'end' : 'start';
  const classes = [
    'frame',
    `p-${protocol}`,
    `f-${fate}`,
    direction,
    anchor,
    evidence.has(n) ? 'evidence' : '',
  ].filter(Boolean);
  const more = el('div', { class: 'frame-more', hidden: true });
  const open = () => {
    if (more.childElementCount === 0) more.append(...frameFacts(row, detail, traceLink));
    more.hidden = !more.hidden;
    button.setAttribute('aria-expanded', String(!more.hidden));
  };
  const button = el(
    'button',
    {
      type: 'button',
      class: classes.join(' '),
      'aria-expanded': 'false',
      'aria-label': `${time(t)} ms, ${lanes[from].host} to ${lanes[to].host}: ${summary}${fate === 'delivered' ? '' : `, ${fate}`}`,
      style: {
        '--left': `${left * 100}%`,
        '--width': `${width * 100}%`,
        '--rest': `${(1 - left - width) * 100}%`,
      },
      on: { click: open },
    },
    stamp(n, t),
    el(
      'span',
      { class: 'track' },
      el('span', { class: 'arrow' }),
      el('span', { class: 'ends' }, `${lanes[from].name} → ${lanes[to].name}`),
      el('span', { class: 'what' }, summary, fate !== 'delivered' && el('em', {}, ` ${fate}`)),
    ),
  );
  return el('div', { class: isLife(row) ? 'row life' : 'row', data: { n } }, button, more);
}

function frameFacts(row, { lanes, bytes, markers }, traceLink) {
  const [, n, , from, to, protocol, event, fate, link, fromPort, toPort, size, , payload] = row;
  const facts = `entry ${n} · ${protocol} ${event} · ${lanes[from].host}:${fromPort} → ${lanes[to].host}:${toPort} · link ${link} · ${fate} · ${size} B`;
  if (payload !== undefined)
    return [
      el('p', { class: 'muted' }, facts),
      ...bytesView(payload, size, protocol, markers).filter(Boolean),
    ];
  if (size === 0) return [el('p', { class: 'muted' }, facts)];
  const because = bytes
    ? 'The bytes of this frame are beyond what this page keeps; they are in '
    : 'The page had no room for the bytes of this cell; they are in ';
  return [el('p', { class: 'muted' }, facts), el('p', {}, because, traceLink(), ` at line ${n + 1}.`)];
}

const isLife = (row) => row[6] === 'open' || row[6] === 'close';
const stamp = (n, t) => el('span', { class: 'time' }, el('span', {}, `#${n}`), time(t));
const time = (t) => t.toLocaleString('en', { maximumFractionDigits: 1 });

/** Scrolls to the row of a trace entry and opens it. */
export function showEntry(root, n) {
  const row = root.querySelector(`.whole [data-n="${n}"]`);
  if (row === null) return;
  row.classList.remove('life');
  const button = row.querySelector('button');
  if (button?.getAttribute('aria-expanded') === 'false') button.click();
  row.scrollIntoView({ block: 'start' });
  (button ?? row).focus({ preventScroll: true });
}
