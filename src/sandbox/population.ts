/** The generated customers that the sandbox exports: any number of them, each computed on demand. */

export interface ExportedCustomer {
  /** A hard id is a string, a soft id the array of all values. */
  id(type: string): string | string[] | null;
  property(name: string): unknown;
}

/** In the order of their columns in a whole export. */
export const populationIds = ['registered', 'cookie'] as const;

const firstNames = ['Žofie', 'Řehoř', "D'Arcy", 'Ela 🌸', 'Jürgen', 'Ľubica', 'Małgorzata', 'Zoë'];
const lastNames = ['Nováková', 'O’Neill', 'van der Berg', 'Šťastná, MBA', 'Åkesson', 'Groß'];
const tiers = ['bronze', 'silver', 'gold', 'platinum'];
/** Values that are easily parsed or escaped wrongly. */
const notes = [
  'Jana "Jája"',
  'Brno\nKrálovo Pole',
  'one, two; three\tfour',
  'C:\\temp',
  '👩‍👩‍👧 🌸',
  ' spaced ',
  '""',
  '',
];

/** Properties of customer `n`, counted from 1; null if Bloomreach has no value. */
const properties: Readonly<Record<string, (n: number) => unknown>> = {
  first_name: (n) => pick(firstNames, n),
  last_name: (n) => pick(lastNames, n),
  email: (n) => (n % 50 === 0 ? null : `customer-${n}@example.com`),
  id: (n) => String(n).padStart(8, '0'),
  loyalty_points: (n) => (n * 37) % 5000,
  loyalty_tier: (n) => pick(tiers, n),
  balance: (n) => ((n * 7919) % 100_000) / 100,
  vip: (n) => n % 3 === 0,
  interests: (n) => ['shoes', 'a "b"', 'c,d'].slice(0, n % 4),
  note: (n) => pick(notes, n),
};

export const populationProperties: readonly string[] = Object.keys(properties);

const PREFIX = 'customer-';

/** Returns the hard id of customer `n`. */
export function populationId(n: number): string {
  return `${PREFIX}${n}`;
}

/** Whether an id is the hard id of one of the first `customers` customers. */
export function isPopulationId(id: string, customers: number): boolean {
  const n = Number(id.slice(PREFIX.length));
  return Number.isInteger(n) && n >= 1 && n <= customers && populationId(n) === id;
}

/** Returns customer `n`, counted from 1: the same every time. */
export function populationCustomer(n: number): ExportedCustomer {
  return {
    id(type) {
      if (type === 'registered') return populationId(n);
      if (type !== 'cookie') return null;
      return n % 10 === 0 ? [`cookie-${n}-old`, `cookie-${n}`] : [`cookie-${n}`];
    },
    property: (name) => (Object.hasOwn(properties, name) ? properties[name]?.(n) : null),
  };
}

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list[n % list.length];
}
