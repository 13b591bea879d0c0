/** A minimal parser of the Prometheus text format. */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
  /** For example `name{label="value"}`. */
  series: string;
}

/** Parses the samples of a scrape. */
export function readSamples(text: string) {
  const samples = text.split('\n').flatMap((line): Sample[] => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === '') return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      {
        name,
        labels: Object.fromEntries(pairs.map(([, label = '', quoted = '']) => [label, quoted])),
        value: value === '+Inf' ? Infinity : Number(value),
        series: line.slice(0, line.lastIndexOf(' ')),
      },
    ];
  });
  const of = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, expected]) => sample.labels[label] === expected),
    );
  return {
    samples,
    of,
    has: (name: string) => of(name).length > 0,
    /** Adds up all series that have these labels. */
    sum: (name: string, labels?: Readonly<Record<string, string>>) =>
      of(name, labels).reduce((all, { value }) => all + value, 0),
  };
}
