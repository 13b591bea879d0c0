/**
 * Charts as SVG that the server renders: they need no script and no inline style. The drawing is stretched to the width
 * of its place, so all text is beside it as HTML; the table behind it has the same figures for everybody.
 */

import type { ComponentChildren } from 'preact';

/** Units of the drawing. */
export const [WIDTH, HEIGHT] = [600, 144];

/** Tops of scales, times a power of ten. */
const TOPS = [1, 2, 5, 10];

/** Returns the top of a scale that starts at 0 and has room for a value, e.g. 50 for 41. */
export function scaleTop(max: number): number {
  if (!(max > 0)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(max));
  return (TOPS.find((top) => top * magnitude >= max) ?? 10) * magnitude;
}

export interface ChartProps {
  title: string;
  /** Highest value of the scale, which starts at 0. */
  top: number;
  format: (value: number) => string;
  /** First and last time, in milliseconds since 1970. */
  from: number;
  to: number;
  /** IANA name of the time zone. */
  zone: string;
  /** What the marks mean, by the class of their color. */
  legend: readonly (readonly [fill: string, label: string])[];
  /** Marks in units of {@link WIDTH} and {@link HEIGHT}, from the upper left corner. */
  children: ComponentChildren;
}

export function Chart({ title, top, format, from, to, zone, legend, children }: ChartProps) {
  return (
    <figure class="stack-tight">
      <figcaption class="figure-label">{title}</figcaption>
      <div class="chart" aria-hidden="true">
        <div class="chart-scale">
          <span>{format(top)}</span>
          <span>{format(top / 2)}</span>
          <span>0</span>
        </div>
        <svg
          class="chart-plot"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          focusable="false"
        >
          {[0, HEIGHT / 2, HEIGHT].map((y) => (
            <line key={y} class="chart-grid" x1={0} x2={WIDTH} y1={y} y2={y} />
          ))}
          {children}
        </svg>
        <div class="chart-times">
          {[from, (from + to) / 2, to].map((at) => (
            <TimeOfDay key={at} at={at} zone={zone} />
          ))}
        </div>
      </div>
      <Legend items={legend} />
    </figure>
  );
}

export function Legend({ items }: { items: ChartProps['legend'] }) {
  return (
    <span class="legend">
      {items.map(([fill, label]) => (
        <span key={label}>
          <svg class={fill} viewBox="0 0 9 9" aria-hidden="true" focusable="false">
            <rect width="9" height="9" rx="2" />
          </svg>
          {label}
        </span>
      ))}
    </span>
  );
}

/** `14:05`. */
export function TimeOfDay({ at, zone }: { at: number; zone: string }) {
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
  return <time dateTime={new Date(at).toISOString()}>{text}</time>;
}

interface DataTableProps {
  caption: string;
  columns: readonly string[];
  /** The start of each row's time span, and its cells. */
  rows: readonly (readonly [at: number, ...cells: string[]])[];
  zone: string;
}

/** The figures behind charts, folded. */
export function DataTable({ caption, columns, rows, zone }: DataTableProps) {
  return (
    <details>
      <summary>View as a table</summary>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={caption}>
        <table class="table table-fit">
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              {columns.map((column) => (
                <th key={column} scope="col" class="number">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([at, ...cells]) => (
              <tr key={at}>
                <th scope="row">
                  <TimeOfDay at={at} zone={zone} />
                </th>
                {cells.map((cell, index) => (
                  <td key={index} class="number">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
