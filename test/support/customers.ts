/** Exports for tests. */

/** A CSV with good customers `c-1` to `c-{count}`; row n is customer `c-{n}`. */
export function goodCustomers(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    return `c-${n},Žofie ${n},Nováková,c-${n}@example.com,${String(n).padStart(6, '0')}`;
  });
  return ['registered,first_name,last_name,email,id', ...rows, ''].join('\n');
}
