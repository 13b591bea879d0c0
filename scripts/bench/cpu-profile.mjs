/** Sums the self times of a V8 CPU profile by the part of a worker that they belong to. */

/** The first that fits counts; what waits for work is left out. */
const parts = [
  ['waiting', ({ functionName }) => functionName === '(idle)'],
  ['system calls: writing to sockets and the log', ({ functionName }) => /^write|^writev/.test(functionName)],
  ['collecting garbage', ({ functionName }) => functionName === '(garbage collector)'],
  ['loading modules', ({ url, functionName }) => isLoading(url, functionName)],
  ['BullMQ', ({ url }) => /bullmq|msgpackr/.test(url)],
  ['the Redis client', ({ url }) => url.includes('ioredis') || url.includes('redis-parser')],
  ['the template engine', ({ url }) => /minijinja|wasm/.test(url)],
  ['the HTTP client', ({ url }) => /undici|llhttp/.test(url)],
  ['log lines', ({ url }) => /pino|sonic-boom/.test(url)],
  ['metrics', ({ url }) => url.includes('prom-client')],
  ['passbridge', ({ url }) => url.includes('/dist/') && !url.includes('node_modules')],
  ['Node and V8', () => true],
];

function isLoading(url, functionName) {
  return (
    /internal\/modules\/|cjs-module-lexer/.test(url) ||
    /wrapSafe|compileSourceTextModule|openFileHandle|internalModuleStat/.test(functionName)
  );
}

/** [{part, ms}], the largest first. */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const partOf = new Map(
    nodes.map(({ id, callFrame }) => [id, parts.find(([, fits]) => fits(callFrame))[0]]),
  );
  const times = new Map(parts.map(([part]) => [part, 0]));
  samples.forEach((id, nth) => {
    const part = partOf.get(id);
    times.set(part, times.get(part) + timeDeltas[nth] / 1000);
  });
  times.delete('waiting');
  return [...times].map(([part, ms]) => ({ part, ms })).toSorted((a, b) => b.ms - a.ms);
}
