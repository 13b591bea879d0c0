/** The numbered customers of all benchmarks. */

/** Returns a row of an export. */
export function customerOf(n) {
  return {
    registered: `customer-${n}`,
    first_name: `Žofie ${n}`,
    last_name: 'Nováková',
    email: `customer-${n}@example.com`,
    id: String(n).padStart(8, '0'),
  };
}

/** Yields an export of `rows` customers as CSV, one line at a time. */
export function* csvOf(rows) {
  yield 'registered,first_name,last_name,email,id\n';
  for (let n = 1; n <= rows; n += 1) yield `${Object.values(customerOf(n)).join()}\n`;
}
