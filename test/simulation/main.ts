/** `npm run simulation`: plays worlds and checks their histories. Exits with 1 if one violates an invariant. */

import { register } from 'node:module';
import { parseArgs } from 'node:util';
import { mutants } from './mutants/all.ts';
import { formatHistory } from './history.ts';
import { playMutants } from './play-mutants.ts';
import type { WorldSpec } from './world-spec.ts';

const USAGE = `npm run simulation -- [options]

  --worlds N      number of worlds (default 500)
  --seed N        seed of the first world; each world adds 1 (default 1)
  --spec JSON     plays this world instead, and prints its history
  --mutants       plants each bug, and plays worlds until it is found; prints a table
  --mutant NAME   plants this bug only
`;

// Ends its Redis, too.
process.once('SIGTERM', () => process.exit(143));

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    spec: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const worlds = Number(values.worlds);
const first = Number(values.seed);
const mutant = mutants.find(({ name }) => name === values.mutant);

if (values.help || !(worlds >= 1) || !Number.isInteger(first) || (values.mutant !== undefined && !mutant)) {
  process.stderr.write(USAGE);
  process.exit(2);
}

if (mutant !== undefined) {
  const { find, replace, file } = mutant;
  register('./mutant-loader.js', import.meta.url, {
    data: { find, replace, file: file.replace(/\.ts$/, '.js') },
  });
}

if (values.mutants) process.exitCode = await playMutants({ first, worlds });
else {
  // The modules under test are loaded after the hook is in place.
  const { startRedisServer } = await import('./redis-server.ts');
  const { findViolation, judgeWorld, shrink } = await import('./explore.ts');
  const server = await startRedisServer();
  const startedAt = performance.now();
  try {
    const spec = values.spec === undefined ? undefined : (JSON.parse(values.spec) as WorldSpec);
    const found =
      spec === undefined ? await findViolation(server, { first, worlds }) : await judgeWorld(server, spec);
    const seconds = (performance.now() - startedAt) / 1000;
    if (found === undefined) {
      const played = spec === undefined ? worlds : 1;
      process.stdout.write(
        `${played} worlds, 0 violations, ${seconds.toFixed(1)} s, ${(played / seconds).toFixed(1)} worlds a second\n`,
      );
    } else {
      process.exitCode = 1;
      const { seed } = found.spec;
      process.stdout.write(`FOUND ${JSON.stringify({ seed, violations: found.violations })}\n`);
      if (mutant === undefined) {
        const smallest = spec === undefined ? await shrink(server, found) : found;
        process.stdout.write(formatHistory(smallest.played.history));
        for (const { invariant, problem } of smallest.violations)
          process.stdout.write(`${invariant}: ${problem}\n`);
        process.stdout.write(
          `Repeat with: npm run simulation -- --spec '${JSON.stringify(smallest.spec)}'\n`,
        );
      }
    }
  } finally {
    await server.stop();
  }
}
