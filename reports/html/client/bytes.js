import { contentOf, octetsOf } from './content.js';
import { el } from './dom.js';

/** Lines of a block that stand open from the start. */
const OPEN_LINES = 24;

/**
 * Recorded octets of a frame: its content as a person reads it, then all octets: text with its line ends marked, a dump
 * in hexadecimal from where they are no text any more. `markers`, by message, are highlighted in both.
 */
export function bytesView(payload, size, protocol, markers) {
  const octets =
    payload.text === undefined ? octetsOf(payload.base64) : new TextEncoder().encode(payload.text);
  const content = contentOf(octets, payload.sms);
  const isText = payload.text !== undefined && protocol !== 'cs';
  const head = isText ? octets.length : headLength(octets);
  const text = new TextDecoder().decode(octets.subarray(0, head));
  const found = Object.keys(markers).filter(
    (name) => text.includes(markers[name]) || content?.text.includes(markers[name]),
  );
  return [
    found.length > 0 &&
      el(
        'p',
        {},
        'It shows the ',
        el('mark', {}, 'marker'),
        ` of ${found.map((name) => `"${name}"`).join(', ')} in clear.`,
      ),
    content && el('h5', {}, `Content, ${content.type}`),
    content && folded('content', content.text, marked(content.text, markers)),
    el('h5', {}, 'Bytes'),
    head > 0 && folded('', text, marked(text, markers).flatMap(lineEnds)),
    head < octets.length && folded('hex', hexDump(octets.subarray(head)), [hexDump(octets.subarray(head))]),
    octets.length < size &&
      el('p', { class: 'muted' }, `The first ${octets.length} of ${size} B; the trace file has all.`),
  ];
}

/** A block of lines, of which a long one stands open only in part until asked for. */
function folded(kind, text, children) {
  const lines = text.split('\n').length;
  const block = el('pre', { class: `bytes ${kind}`.trim() }, children);
  if (lines <= OPEN_LINES * 1.5 && text.length < 3_000) return block;
  block.classList.add('folded');
  const more = el('button', { type: 'button', class: 'quiet unfold' }, `Show all ${lines} lines`);
  more.addEventListener('click', () => {
    block.classList.remove('folded');
    more.remove();
  });
  return el('div', { class: 'fold' }, block, more);
}

/** `text` with each marker in a `mark`. */
function marked(text, markers) {
  let parts = [text];
  for (const [name, marker] of Object.entries(markers)) {
    parts = parts.flatMap((part) =>
      typeof part !== 'string'
        ? [part]
        : part
            .split(marker)
            .flatMap((piece, i) =>
              i === 0 ? [piece] : [el('mark', { title: `marker of "${name}"` }, marker), piece],
            ),
    );
  }
  return parts.filter((part) => part !== '');
}

/** Octets of a message's start line and headers, which end at an empty line; 0 when it doesn't begin with any. */
function headLength(octets) {
  let at = 0;
  while (at < octets.length && isPrintable(octets[at])) at += 1;
  const text = new TextDecoder().decode(octets.subarray(0, at));
  const end = text.lastIndexOf('\r\n\r\n');
  return end < 0 ? 0 : end + 4;
}

const isPrintable = (octet) =>
  (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a || octet === 0x09;

function lineEnds(part) {
  if (typeof part !== 'string') return [part];
  return part
    .split(/(\r\n)/)
    .flatMap((piece) =>
      piece === '\r\n' ? [el('span', { class: 'crlf', 'aria-hidden': 'true' }, '↵'), '\n'] : [piece],
    )
    .filter((piece) => piece !== '');
}

function hexDump(octets) {
  const lines = [];
  for (let at = 0; at < octets.length; at += 16) {
    const row = octets.subarray(at, at + 16);
    const hex = [...row].map((octet) => octet.toString(16).padStart(2, '0'));
    const text = [...row]
      .map((octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.'))
      .join('');
    const columns = `${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}`;
    lines.push(`${at.toString(16).padStart(6, '0')}  ${columns}  ${text}`);
  }
  return lines.join('\n');
}
