// The pages are complete without this; it only keeps open ones up to date.

const main = document.querySelector('main[data-live]');
const lost = document.querySelector('[data-lost]');
const path = main?.dataset.live;

/** @type {EventSource | undefined} */
let source;
const shown = new Map();

/** Replaces what has changed, and leaves focus and opened details where they are. */
function replace(element, markup) {
  const focused = element.contains(document.activeElement) ? document.activeElement.id : '';
  const opened = [...element.querySelectorAll('details[open][id]')].map(({ id }) => id);
  element.innerHTML = markup;
  showMoments(element);
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function showParts(parts) {
  for (const [id, markup] of Object.entries(parts)) {
    const element = document.getElementById(id);
    if (element === null || shown.get(id) === markup) continue;
    shown.set(id, markup);
    replace(element, markup);
  }
  lost.hidden = true;
}

function connect() {
  if (source !== undefined || !path) return;
  source = new EventSource(path);
  source.addEventListener('parts', ({ data }) => showParts(JSON.parse(data)));
  source.addEventListener('trouble', () => {
    lost.hidden = false;
  });
  source.addEventListener('error', () => {
    lost.hidden = false;
    // The browser tries again by itself, unless the server has answered with something else, such as a log-in.
    if (source?.readyState !== EventSource.CLOSED) return;
    disconnect();
    setTimeout(connect, 3_000);
  });
}

function disconnect() {
  source?.close();
  source = undefined;
}

// Browsers allow six connections to a server: pages that nobody looks at give theirs back.
function follow() {
  if (document.visibilityState === 'visible') connect();
  else disconnect();
}
document.addEventListener('visibilitychange', follow);
addEventListener('pagehide', disconnect);
addEventListener('pageshow', follow);
follow();

/** How moments are shown, by the reader's choice: local, utc or relative. */
const choice = document.querySelector('[data-times]');
const KEPT = 'times';

function show(at, mode) {
  if (mode === 'relative') return inSpan(at);
  const zone = mode === 'utc' ? 'UTC' : undefined;
  // Swedish writes dates as ISO 8601 does.
  const [day, time] = at.toLocaleString('sv', { timeZone: zone }).split(' ');
  const [today] = new Date().toLocaleString('sv', { timeZone: zone }).split(' ');
  return day === today ? time : `${day} ${time.slice(0, 5)}`;
}

const SPANS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];
const spans = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

function inSpan(at) {
  const seconds = Math.round((at - Date.now()) / 1_000);
  const [unit, length] = SPANS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return spans.format(Math.trunc(seconds / length), unit);
}

function showMoments(within = document) {
  for (const element of within.querySelectorAll('time[data-moment]')) {
    const at = new Date(element.dateTime);
    element.textContent = show(at, choice?.value);
    element.title = `${at.toLocaleString('sv', { timeZoneName: 'short' })} · ${at.toISOString()}`;
  }
}

if (choice) {
  choice.parentElement.hidden = false;
  choice.value = localStorage.getItem(KEPT) ?? 'local';
  if (choice.value === '') choice.value = 'local';
  choice.addEventListener('change', () => {
    localStorage.setItem(KEPT, choice.value);
    showMoments();
  });
}
showMoments();
setInterval(showMoments, 30_000);

/** Sessions run out while one looks. */
function countDown() {
  for (const element of document.querySelectorAll('[data-until]')) {
    const seconds = Math.floor((Number(element.dataset.until) - Date.now()) / 1_000);
    const [h, m, s] = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
    element.textContent = seconds <= 0 ? 'expired' : h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
  }
}
if (document.querySelector('[data-until]')) setInterval(countDown, 1_000);

// A search that has found nothing yet goes on by itself, page by page, and leaves none of them to go back through.
const onward = document.querySelector('[data-onward="yes"]');
if (onward) location.replace(onward.href);

// Whatever takes a while says so, and is not asked for twice.
document.addEventListener('submit', ({ target, submitter }) => {
  const busy = submitter?.dataset.busy;
  if (!busy) return;
  submitter.textContent = busy;
  setTimeout(() => {
    for (const button of target.querySelectorAll('button')) button.disabled = true;
  });
});

const drop = document.querySelector('[data-drop]');
for (const name of ['dragover', 'dragleave', 'drop']) {
  drop?.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', name === 'dragover');
    if (name === 'drop') drop.querySelector('input').files = event.dataTransfer.files;
  });
}
