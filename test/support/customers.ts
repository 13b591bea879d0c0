/** Exports for tests. */

/** Returns a CSV with valid customers `c-1` to `c-{count}`; row n is customer `c-{n}`. */
export function goodCustomers(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    return `c-${n},Žofie ${n},Nováková,c-${n}@example.com,${String(n).padStart(6, '0')}`;
  });
  return ['registered,first_name,last_name,email,id', ...rows, ''].join('\n');
}

/** Returns the export of these customers after their cards were written back. */
export function customersWithCards(cards: ReadonlyMap<string, string>): string {
  const rows = [...cards].map(
    ([customer, card], index) =>
      `${customer},Žofie ${index},Nováková,${customer}@example.com,${String(index).padStart(6, '0')},${card}`,
  );
  return ['registered,first_name,last_name,email,id,passmachine_pass_id', ...rows, ''].join('\n');
}
