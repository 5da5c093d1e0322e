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
  const ticked = [...element.querySelectorAll('input[type="checkbox"][id]:checked')].map(
    ({ id }) => id,
  );
  element.innerHTML = markup;
  showMoments(element);
  for (const chart of element.querySelectorAll('svg[data-words]')) {
    const step = steps.get(chart.id) ?? null;
    if (step !== null) showStep(chart, step);
  }
  for (const id of ticked) {
    const box = document.getElementById(id);
    if (box) box.checked = true;
  }
  showTicked();
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

function show(at, mode, form) {
  if (form === 'time' || form === 'day') return inShort(at, mode, form);
  if (mode === 'relative') return inSpan(at);
  const zone = mode === 'utc' ? 'UTC' : undefined;
  // Swedish writes dates as ISO 8601 does.
  const [day, time] = at.toLocaleString('sv', { timeZone: zone }).split(' ');
  const [today] = new Date().toLocaleString('sv', { timeZone: zone }).split(' ');
  return day === today ? time : `${day} ${time.slice(0, 5)}`;
}

/** On the axis of a chart, where a span would say little. */
function inShort(at, mode, form) {
  const zone = mode === 'utc' ? 'UTC' : undefined;
  const [day, time] = at.toLocaleString('sv', { timeZone: zone }).split(' ');
  return form === 'day' ? `${day.slice(5)} ${time.slice(0, 5)}` : time.slice(0, 5);
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
    element.textContent = show(at, choice?.value, element.dataset.moment);
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

/** The step of each chart that is looked at, by the chart's id. */
const steps = new Map();

/** Shows the values of one step below its chart, and marks it; null: the legend again. */
function showStep(chart, step) {
  const readout = document.querySelector(`[data-readout="${chart.id}"]`);
  if (!readout) return;
  readout.dataset.legend ??= readout.innerHTML;
  chart.querySelector('.cursor')?.remove();
  steps.set(chart.id, step);
  if (step === null) {
    readout.innerHTML = readout.dataset.legend;
    readout.removeAttribute('aria-live');
    return;
  }
  const words = chart.dataset.words.split('|');
  const at = new Date(Number(chart.dataset.from) + step * Number(chart.dataset.step));
  const time = inShort(at, choice?.value, Number(chart.dataset.step) >= 3_600_000 ? 'day' : 'time');
  const soFar = step === words.length - 1 ? ' (so far)' : '';
  readout.setAttribute('aria-live', 'polite');
  readout.textContent = `${time}${soFar}: ${words[step] || 'nothing'}`;
  const cursor = document.createElementNS(chart.namespaceURI, 'path');
  cursor.setAttribute('class', 'cursor');
  cursor.setAttribute('d', `M${((step + 0.5) * 600) / words.length} 0V100`);
  chart.append(cursor);
}

const chartOf = ({ target }) => target.closest?.('svg[data-words]');

document.addEventListener('pointermove', (event) => {
  const chart = chartOf(event);
  if (!chart) return;
  const { left, width } = chart.getBoundingClientRect();
  const count = chart.dataset.words.split('|').length;
  const step = Math.floor(((event.clientX - left) / width) * count);
  showStep(chart, Math.min(Math.max(step, 0), count - 1));
});
document.addEventListener('pointerout', (event) => {
  const chart = chartOf(event);
  if (chart && !chart.contains(event.relatedTarget)) showStep(chart, null);
});
document.addEventListener('focusout', (event) => {
  const chart = chartOf(event);
  if (chart?.isConnected) showStep(chart, null);
});
const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
document.addEventListener('keydown', (event) => {
  const chart = chartOf(event);
  const move = MOVES[event.key];
  if (!chart || move === undefined) return;
  event.preventDefault();
  const last = chart.dataset.words.split('|').length - 1;
  const step = (steps.get(chart.id) ?? last + 1) + move;
  showStep(chart, Math.min(Math.max(step, 0), last));
});

/** Sessions expire while the page is open. */
function countDown() {
  for (const element of document.querySelectorAll('[data-until]')) {
    const seconds = Math.floor((Number(element.dataset.until) - Date.now()) / 1_000);
    const [h, m, s] = [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
    element.textContent = seconds <= 0 ? 'expired' : h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
  }
}
if (document.querySelector('[data-until]')) setInterval(countDown, 1_000);

/** How many are ticked, and a box that ticks the whole page. */
function showTicked() {
  const boxes = [...document.querySelectorAll('td.tick input')];
  const count = boxes.filter(({ checked }) => checked).length;
  const words = document.querySelector('[data-ticked]');
  if (words) words.textContent = count === 0 ? '' : `${count} ticked`;
  const all = document.querySelector('[data-tick-page]');
  if (!all) return;
  all.hidden = false;
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}
document.addEventListener('change', ({ target }) => {
  if (target.matches('[data-tick-page]')) {
    for (const box of document.querySelectorAll('td.tick input')) box.checked = target.checked;
  }
  if (target.type === 'checkbox') showTicked();
});
showTicked();

// As in other programs, `/` leads to the search.
addEventListener('keydown', (event) => {
  const isTyping = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.querySelector('[data-find]');
  if (find === null) return;
  event.preventDefault();
  find.focus();
  find.select();
});

// A search that has found nothing yet continues by itself, page by page, and adds none of these pages to the
// browser's history.
const onward = document.querySelector('[data-onward="yes"]');
if (onward) location.replace(onward.href);

// A slow form says that it is working, and is not sent twice.
document.addEventListener('submit', ({ target, submitter }) => {
  const busy = submitter?.dataset.busy;
  if (!busy) return;
  submitter.textContent = busy;
  setTimeout(() => {
    for (const button of target.querySelectorAll('button')) button.disabled = true;
  });
});

// What a cron expression means, while it is typed.
const times = document.querySelector('[data-times-of]');
let typed;
times?.closest('form').addEventListener('input', ({ target }) => {
  if (target.name !== 'cron' && target.name !== 'tz') return;
  clearTimeout(typed);
  typed = setTimeout(() => showTimes(target.form), 300);
});
async function showTimes({ elements: { cron, tz } }) {
  const query = new URLSearchParams({ cron: cron.value, tz: tz.value });
  const answer = await fetch(`${times.dataset.timesOf}?${query}`).catch(() => null);
  // A late answer must not replace the answer to newer input.
  const isLatest = query.get('cron') === cron.value && query.get('tz') === tz.value;
  if (answer?.ok && isLatest) times.innerHTML = await answer.text();
}

const drop = document.querySelector('[data-drop]');
for (const name of ['dragover', 'dragleave', 'drop']) {
  drop?.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', name === 'dragover');
    if (name === 'drop') drop.querySelector('input').files = event.dataTransfer.files;
  });
}
