/** Packages that only benchmarks use: contestants' packages are installed on demand, and autocannon has no types. */

declare module 'autocannon';
declare module 'bee-queue';
declare module 'graphile-worker';
declare module 'p-queue';
declare module 'pg';
declare module 'pg-boss';
