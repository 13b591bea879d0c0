/** What something takes of late: each new value moves the average by a tenth. */

const WEIGHT = 0.1;

export interface Average {
  add(value: number): void;
  /** 0 before the first. */
  value(): number;
}

export function makeAverage(): Average {
  let average: number | undefined;
  return {
    add(value) {
      average = average === undefined ? value : average + WEIGHT * (value - average);
    },
    value: () => average ?? 0,
  };
}
