import { bytesView } from './bytes.js';
import { el, plural } from './dom.js';

/**
 * Frames between hosts in the order of the trace, one row each: time, an arrow from lane to lane, what it carries.
 * `evidence`: trace positions that a blame points at. Rows of streams opening and closing can be shown or hidden.
 */
export function ladder(detail, evidence, traceLink) {
  const lanes = detail.lanes;
  const rows = el(
    'div',
    { class: 'rows' },
    detail.rows.map((row) => ladderRow(row, lanes, evidence, detail.bytes, traceLink)),
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
    life > 0 && el('label', { class: 'check' }, box, ` Show ${plural(life, 'stream event')} (open, close)`),
    el(
      'div',
      {
        class: 'scroll ladder',
        tabindex: '0',
        role: 'region',
        'aria-label': 'Frames',
        style: { '--n': lanes.length },
      },
      el(
        'div',
        { class: 'lanes' },
        el('span', { class: 'time' }, 'ms'),
        el(
          'div',
          { class: 'hosts' },
          lanes.map((lane) =>
            el('div', { class: 'host', title: lane.host }, el('b', {}, lane.name), el('span', {}, lane.side)),
          ),
        ),
      ),
      rows,
    ),
    detail.omitted > 0 &&
      el('p', { class: 'muted' }, `${plural(detail.omitted, 'row')} more in `, traceLink(), '.'),
  );
}

function ladderRow(row, lanes, evidence, bytes, traceLink) {
  if (row[0] === 's') {
    const [, n, t, index, label] = row;
    return el(
      'div',
      { class: 'row step-row', data: { n } },
      el('span', { class: 'time' }, time(t)),
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
      el('span', { class: 'time' }, time(t)),
      el('span', { class: 'track' }, el('span', {}, el('b', {}, `${side} ${name}`), ` ${text}`)),
    );
  }
  return frameRow(row, lanes, evidence, bytes, traceLink);
}

function frameRow(row, lanes, evidence, bytes, traceLink) {
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
    if (more.childElementCount === 0) more.append(...frameFacts(row, lanes, bytes, traceLink));
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
    el('span', { class: 'time' }, time(t)),
    el(
      'span',
      { class: 'track' },
      el('span', { class: 'arrow' }),
      el('span', { class: 'what' }, summary, fate !== 'delivered' && el('em', {}, ` ${fate}`)),
    ),
  );
  return el('div', { class: isLife(row) ? 'row life' : 'row', data: { n } }, button, more);
}

function frameFacts(row, lanes, bytes, traceLink) {
  const [, n, , from, to, protocol, event, fate, link, fromPort, toPort, size, , payload] = row;
  const facts = `entry ${n} · ${protocol} ${event} · ${lanes[from].host}:${fromPort} → ${lanes[to].host}:${toPort} · link ${link} · ${fate} · ${size} B`;
  if (payload !== undefined)
    return [el('p', { class: 'muted' }, facts), ...bytesView(payload, size).filter(Boolean)];
  if (size === 0) return [el('p', { class: 'muted' }, facts)];
  const because = bytes
    ? 'The bytes of this frame are beyond what this page keeps; they are in '
    : 'The page keeps bytes of failures and canaries only; these are in ';
  return [el('p', { class: 'muted' }, facts), el('p', {}, because, traceLink(), ` at line ${n + 1}.`)];
}

const isLife = (row) => row[6] === 'open' || row[6] === 'close';
const time = (t) => t.toLocaleString('en', { maximumFractionDigits: 1 });

/** Scrolls to the row of a trace entry and opens it. */
export function showEntry(root, n) {
  const row = root.querySelector(`[data-n="${n}"]`);
  if (row === null) return;
  row.classList.remove('life');
  const button = row.querySelector('button');
  if (button?.getAttribute('aria-expanded') === 'false') button.click();
  row.scrollIntoView({ block: 'center' });
  (button ?? row).focus({ preventScroll: true });
}
