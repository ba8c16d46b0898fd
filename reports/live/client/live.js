import { el, plural } from '../../html/client/dom.js';
import { ladder } from '../../html/client/ladder.js';

/** Milliseconds before the feed is asked for again when it broke. */
const AGAIN = 1_000;

const app = document.getElementById('app');
const status = el('p', { class: 'connection', role: 'status' }, 'Connecting …');
const carriers = el('ul', { class: 'carriers', 'aria-label': 'Carriers' });
const registrations = section('Registrations');
const messages = section('Messages');
const frames = section('Frames');
app.append(el('header', {}, el('h1', {}, 'Parley'), status), carriers);
app.append(registrations.node, messages.node, frames.node);

/** While someone reads an opened frame the ladder stands still. */
const isRead = () => frames.body.querySelector('[aria-expanded="true"]') !== null;

function section(title) {
  const body = el('div', {});
  return { node: el('section', { 'aria-label': title }, el('h2', {}, title), body), body };
}

function show(state) {
  status.textContent = `Live since ${timeOfDay(state.server.startedAt)}`;
  status.classList.remove('lost');
  carriers.replaceChildren(
    ...state.carriers.map(({ label, name, registered, waiting }) =>
      el(
        'li',
        {},
        el('b', {}, `Carrier ${label}`),
        ` ${name}: ${registered} registered, ${plural(waiting, 'message')} waiting`,
      ),
    ),
  );
  registrations.body.replaceChildren(
    table(
      ['Account', 'Number', 'Transport', 'From', 'Until'],
      state.registrations.map((one) => [
        `${one.account} (${one.carrier})`,
        one.msisdn,
        one.transport,
        one.remote,
        timeOfDay(one.expiresAt),
      ]),
      'Nobody is registered.',
    ),
  );
  messages.body.replaceChildren(
    table(
      ['At', 'From', 'To', 'State', 'Content', 'Message'],
      state.messages.map((one) => [
        timeOfDay(one.at),
        one.sender,
        one.recipient,
        one.state,
        `${one.contentType}, ${one.octets} B`,
        one.wireId,
      ]),
      'No message yet.',
    ),
  );
  if (!isRead()) showFrames(state.ladder);
}

function showFrames(given) {
  const rows = given.rows.length;
  if (rows === 0) {
    frames.body.replaceChildren(el('p', { class: 'muted' }, 'Nothing has passed yet.'));
    return;
  }
  const detail = { ...given, markers: {}, bytes: false, omitted: 0 };
  const note = `The last ${plural(rows, 'row')}${given.omitted > 0 ? ` of ${plural(given.omitted + rows, 'row')}` : ''}.`;
  const recording = () => el('span', {}, 'what --record writes');
  frames.body.replaceChildren(el('p', { class: 'muted' }, note), ladder(detail, new Set(), recording));
}

function table(heads, rows, empty) {
  if (rows.length === 0) return el('p', { class: 'muted' }, empty);
  return el(
    'div',
    { class: 'scroll' },
    el(
      'table',
      {},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          heads.map((head) => el('th', { scope: 'col' }, head)),
        ),
      ),
      el(
        'tbody',
        {},
        rows.map((row) =>
          el(
            'tr',
            {},
            row.map((cell) => el('td', {}, cell)),
          ),
        ),
      ),
    ),
  );
}

const timeOfDay = (ms) => new Date(ms).toLocaleTimeString('en-GB');

function connect() {
  const feed = new WebSocket(
    `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/feed`,
    'parley',
  );
  feed.addEventListener('message', ({ data }) => show(JSON.parse(data)));
  feed.addEventListener('close', () => {
    status.textContent = 'The server is not there; trying again …';
    status.classList.add('lost');
    setTimeout(connect, AGAIN);
  });
}

connect();
