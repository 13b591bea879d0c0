/** The customers that all benches are run with: numbered, each another one. */

/** A row of an export. */
export function customerOf(n) {
  return {
    registered: `customer-${n}`,
    first_name: `Žofie ${n}`,
    last_name: 'Nováková',
    email: `customer-${n}@example.com`,
    id: String(n).padStart(8, '0'),
  };
}

/** An export of so many, as CSV in pieces. */
export function* csvOf(rows) {
  yield 'registered,first_name,last_name,email,id\n';
  for (let n = 1; n <= rows; n += 1) yield `${Object.values(customerOf(n)).join()}\n`;
}
