/**
 * What a message carries, as a person reads it: `{ type, text }`, or undefined when it carries nothing readable. The
 * body behind SIP or HTTP headers, the content inside CPIM (RFC 3862), JSON and XML with their structure laid out, and
 * of an MLSMessage what anybody may read.
 */
export function contentOf(octets, sms) {
  if (sms !== undefined) return { type: 'text of the SMS', text: sms };
  const outer = splitHead(octets);
  if (outer === undefined || outer.body.length === 0) return undefined;
  const type = header(outer.head, 'content-type') ?? header(outer.head, 'c') ?? '';
  if (!/^message\/cpim/i.test(type)) return laidOut(type, outer.body);
  const cpim = splitHead(outer.body);
  const inner = cpim && splitHead(cpim.body);
  if (inner === undefined) return laidOut(type, outer.body);
  const encoded = /^base64/i.test(header(inner.head, 'content-transfer-encoding') ?? '');
  const body = encoded ? octetsOf(new TextDecoder().decode(inner.body)) : inner.body;
  return laidOut(header(inner.head, 'content-type') ?? '', body);
}

export function octetsOf(base64) {
  return Uint8Array.from(atob(base64.trim()), (char) => char.charCodeAt(0));
}

/** The lines before the first empty one and the octets after it; undefined when there is none or they are no text. */
function splitHead(octets) {
  for (let at = 0; at + 3 < octets.length; at += 1) {
    if (octets[at] === 13 && octets[at + 1] === 10 && octets[at + 2] === 13 && octets[at + 3] === 10)
      return { head: new TextDecoder().decode(octets.subarray(0, at)), body: octets.subarray(at + 4) };
    if (octets[at] < 9) return undefined;
  }
  return undefined;
}

function header(head, name) {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const line = lines.find((one) => one.slice(0, one.indexOf(':')).trim().toLowerCase() === name);
  return line?.slice(line.indexOf(':') + 1).trim();
}

function laidOut(type, octets) {
  const name = type.split(';')[0].toLowerCase();
  const text = () => new TextDecoder().decode(octets);
  try {
    if (/json$/.test(name)) return { type: name, text: JSON.stringify(JSON.parse(text()), null, 2) };
    if (/xml$/.test(name)) return { type: name, text: indented(text()) };
    if (name === 'message/mls') return { type: name, text: mlsMessage(octets) };
  } catch {
    return { type: name, text: text() };
  }
  return /^(text\/|message\/cpim)/.test(name) ? { type: name, text: text() } : undefined;
}

function indented(xml) {
  let depth = 0;
  return xml
    .replace(/>\s*</g, '>\n<')
    .split('\n')
    .map((line) => {
      if (line.startsWith('</')) depth -= 1;
      const shown = '  '.repeat(Math.max(0, depth)) + line;
      if (/^<[^!?/]/.test(line) && !/(\/>|<\/[^>]*>)$/.test(line)) depth += 1;
      return shown;
    })
    .join('\n');
}

const WIRE_FORMATS = ['', 'PublicMessage', 'PrivateMessage', 'Welcome', 'GroupInfo', 'KeyPackage'];
const CONTENT_TYPES = ['', 'application', 'proposal', 'commit'];

/** RFC 9420 section 6: of a PrivateMessage, group, epoch and kind of content are in clear; all else is ciphertext. */
function mlsMessage(octets) {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const format = WIRE_FORMATS[view.getUint16(2)] ?? 'of a format unknown here';
  const facts = [`MLSMessage, ${format}, ${octets.length} B`];
  if (format !== 'PrivateMessage') return facts[0];
  // The group id is not longer than 63 octets, so its length is one octet (RFC 9420 section 2.1.2).
  const length = view.getUint8(4);
  const group = octets.subarray(5, 5 + length);
  const readable = group.every((octet) => octet >= 0x20 && octet < 0x7f);
  facts.push(
    `group ${readable ? new TextDecoder().decode(group) : [...group].map((o) => o.toString(16).padStart(2, '0')).join('')}`,
    `epoch ${view.getBigUint64(5 + length)}`,
    `content ${CONTENT_TYPES[view.getUint8(13 + length)] ?? 'unknown'}, encrypted`,
  );
  return facts.join('\n');
}
