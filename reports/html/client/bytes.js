import { el } from './dom.js';

/** Recorded octets: text with its line ends marked; a dump in hexadecimal from where they are no text any more. */
export function bytesView(bytes, size) {
  const octets = bytes.text === undefined ? fromBase64(bytes.base64) : new TextEncoder().encode(bytes.text);
  const head = bytes.text === undefined ? headLength(octets) : octets.length;
  return [
    head > 0 &&
      el(
        'pre',
        { class: 'bytes', tabindex: '0' },
        markLineEnds(new TextDecoder().decode(octets.subarray(0, head))),
      ),
    head < octets.length && el('pre', { class: 'bytes hex', tabindex: '0' }, hexDump(octets.subarray(head))),
    octets.length < size &&
      el('p', { class: 'muted' }, `The first ${octets.length} of ${size} B; the trace file has all.`),
  ];
}

/** Octets of a message's start line and headers, which end at an empty line; 0 when it doesn't begin with any. */
function headLength(octets) {
  let at = 0;
  while (at < octets.length && isText(octets[at])) at += 1;
  const text = new TextDecoder().decode(octets.subarray(0, at));
  const end = text.lastIndexOf('\r\n\r\n');
  return end < 0 ? 0 : end + 4;
}

const isText = (octet) =>
  (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a || octet === 0x09;

function markLineEnds(text) {
  return text
    .split(/(\r\n|\n)/)
    .flatMap((part) =>
      part === '\r\n' ? [el('span', { class: 'crlf', 'aria-hidden': 'true' }, '↵'), '\n'] : [part],
    )
    .filter((part) => part !== '');
}

function fromBase64(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
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
