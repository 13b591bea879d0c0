/**
 * Replays the Dockerfile without Docker: executes COPY, RUN and ENV of each stage in an empty folder with the real
 * commands, then starts the entry point with a real Redis as the image's user. This machine replaces the base
 * images.
 *
 *     npm run replay:dockerfile
 */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { runImage } from './dockerfile/run-image.mjs';
import { openBuild } from './dockerfile/build.mjs';

const context = resolve(import.meta.dirname, '..');
const work = await mkdtemp(join(tmpdir(), 'passbridge-image-'));
try {
  const build = await openBuild(context, work);
  const dockerfile = DockerfileParser.parse(await readFile(join(context, 'Dockerfile'), 'utf8'));
  for (const instruction of dockerfile.getInstructions()) {
    const startedAt = Date.now();
    await build.execute(instruction);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    say(`${seconds.padStart(6)} s  ${instruction.getTextContent().split('\n')[0]}`);
  }
  const image = build.image();
  const [size] = execFileSync('du', ['-sm', image.root], { encoding: 'utf8' }).split('\t');
  say(`The last stage adds ${size} MB to its base image.`);
  await runImage(image, { programs: join(context, 'examples', 'programs.yaml'), work, say });
} finally {
  await rm(work, { recursive: true, force: true });
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
