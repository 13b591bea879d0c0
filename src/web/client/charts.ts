/** Draws the last hour's calls, and again whenever newer figures arrive. */

import UPlot, { type AlignedData } from './uplot.js';

interface Rates {
  from: number;
  stepMs: number;
  calls: number[];
  failures: number[];
  p50: (number | null)[];
  p95: (number | null)[];
}

const place = document.querySelector<HTMLElement>('#charts');
const live = document.querySelector('#live');
const HEIGHT = 180;

const lines = [
  { title: 'Calls a second', series: ['calls', 'failures'] as const, labels: ['calls', 'failed'] },
  { title: 'Milliseconds', series: ['p50', 'p95'] as const, labels: ['half', '95 %'] },
];
const colours = ['#2f7ed8', '#d6336c'];

function ratesNow(): Rates | undefined {
  const text = document.querySelector('#rates')?.textContent;
  return text == null ? undefined : (JSON.parse(text) as Rates);
}

function columnsOf(
  rates: Rates,
  series: readonly (keyof Pick<Rates, 'calls' | 'failures' | 'p50' | 'p95'>)[],
): AlignedData {
  const times = rates.calls.map((_, span) => (rates.from + span * rates.stepMs) / 1000);
  return [times, ...series.map((name) => rates[name])];
}

function draw(at: HTMLElement, rates: Rates): UPlot[] {
  const ink = getComputedStyle(document.body).color;
  return lines.map(({ title, series: names, labels }) => {
    const box = document.createElement('div');
    box.className = 'col-lg-6';
    at.append(box);
    const axis = { stroke: ink, grid: { stroke: '#8884', width: 1 } };
    const series = labels.map((label, n) => ({
      label,
      stroke: colours[n] ?? ink,
      width: 2,
      // The first calls after a pause are no line yet.
      points: { show: true, size: 3 },
    }));
    return new UPlot(
      {
        title,
        width: box.clientWidth - 24,
        height: HEIGHT,
        // The same clock as everywhere on the page.
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), at.dataset['zone'] ?? 'UTC'),
        axes: [{ ...axis, values: '{HH}:{mm}' }, axis],
        series: [{ value: '{HH}:{mm}:{ss}' }, ...series],
      },
      columnsOf(rates, names),
      box,
    );
  });
}

if (place !== null) {
  let plots: UPlot[] = [];
  let shown = '';
  const refresh = () => {
    const rates = ratesNow();
    if (rates === undefined) return;
    const text = JSON.stringify(rates);
    if (text === shown) return;
    shown = text;
    if (plots.length === 0) plots = draw(place, rates);
    else for (const [n, { series }] of lines.entries()) plots[n]?.setData(columnsOf(rates, series));
  };
  refresh();
  live?.addEventListener('htmx:sse:after:message', refresh);
  addEventListener('resize', () => {
    for (const [n, plot] of plots.entries()) {
      plot.setSize({ width: (place.children[n]?.clientWidth ?? 300) - 24, height: HEIGHT });
    }
  });
}
