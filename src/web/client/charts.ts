/** Draws the calls of the last hour, and redraws them with each live update. */

import UPlot, { type AlignedData } from './uplot.js';

interface Rates {
  from: number;
  stepMs: number;
  calls: number[];
  failures: number[];
  p50: (number | null)[];
  p95: (number | null)[];
}

const container = document.querySelector<HTMLElement>('#charts');
const live = document.querySelector('#live');
const HEIGHT = 180;

const charts = [
  { title: 'Calls per second', series: ['calls', 'failures'] as const, labels: ['calls', 'failed'] },
  { title: 'Response time (ms)', series: ['p50', 'p95'] as const, labels: ['median', '95th percentile'] },
];
const colors = ['#2f7ed8', '#d6336c'];

function readRates(): Rates | undefined {
  const text = document.querySelector('#rates')?.textContent;
  return text == null ? undefined : (JSON.parse(text) as Rates);
}

function columnsOf(
  rates: Rates,
  series: readonly (keyof Pick<Rates, 'calls' | 'failures' | 'p50' | 'p95'>)[],
): AlignedData {
  const times = rates.calls.map((_, index) => (rates.from + index * rates.stepMs) / 1000);
  return [times, ...series.map((name) => rates[name])];
}

function draw(into: HTMLElement, rates: Rates): UPlot[] {
  const textColor = getComputedStyle(document.body).color;
  return charts.map(({ title, series: names, labels }) => {
    const box = document.createElement('div');
    box.className = 'col-lg-6';
    into.append(box);
    const axis = { stroke: textColor, grid: { stroke: '#8884', width: 1 } };
    const series = labels.map((label, index) => ({
      label,
      stroke: colors[index] ?? textColor,
      width: 2,
      // Without points, a single value between gaps would be invisible.
      points: { show: true, size: 3 },
    }));
    return new UPlot(
      {
        title,
        width: box.clientWidth - 24,
        height: HEIGHT,
        // The time zone of all times on the page.
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), into.dataset['zone'] ?? 'UTC'),
        axes: [{ ...axis, values: '{HH}:{mm}' }, axis],
        series: [{ value: '{HH}:{mm}:{ss}' }, ...series],
      },
      columnsOf(rates, names),
      box,
    );
  });
}

if (container !== null) {
  let plots: UPlot[] = [];
  let drawn = '';
  const refresh = () => {
    const rates = readRates();
    if (rates === undefined) return;
    const text = JSON.stringify(rates);
    if (text === drawn) return;
    drawn = text;
    if (plots.length === 0) plots = draw(container, rates);
    else for (const [index, { series }] of charts.entries()) plots[index]?.setData(columnsOf(rates, series));
  };
  refresh();
  live?.addEventListener('htmx:sse:after:message', refresh);
  addEventListener('resize', () => {
    for (const [index, plot] of plots.entries()) {
      plot.setSize({ width: (container.children[index]?.clientWidth ?? 300) - 24, height: HEIGHT });
    }
  });
}
