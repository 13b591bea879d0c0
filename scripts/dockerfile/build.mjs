/** The stages of a build, each in an empty folder: a path of the image is the same path below it. */

import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const isRoot = process.getuid() === 0;
/** `node` of the base image where we may be anybody, else whoever we are. */
export const user = isRoot ? { uid: 1000, gid: 1000 } : { uid: process.getuid(), gid: process.getgid() };

/** What a command of the build gets of our environment. */
const lent = ['PATH', 'http_proxy', 'https_proxy', 'no_proxy'].map((name) => [name, process.env[name]]);

/** Nothing is built yet; the stages will lie in `work`. */
export async function openBuild(context, work) {
  const ignored = await readFile(join(context, '.dockerignore'), 'utf8');
  const inContext = new Set([...ignored.matchAll(/^!(.+)$/gm)].map(([, path]) => path));
  const stages = [];
  // Whoever the image runs as has to come in.
  await chmod(work, 0o755);

  /** Does one instruction in the stage it belongs to. */
  async function play(instruction) {
    const args = instruction.getArguments().map((argument) => argument.getValue());
    const stage = stages.at(-1);
    switch (instruction.getKeyword()) {
      case 'FROM':
        await beginStage(instruction.getBuildStage());
        break;
      case 'WORKDIR':
        stage.cwd = args[0];
        await mkdir(inStage(stage, args[0]), { recursive: true });
        break;
      case 'ENV':
        for (const property of instruction.getProperties())
          stage.env[property.getName()] = property.getValue();
        break;
      case 'COPY':
        await copy(stage, args, instruction.getFlags());
        break;
      case 'RUN':
        execFileSync('sh', ['-ec', onThisMachine(stage, args.join(' '))], {
          cwd: inStage(stage, stage.cwd),
          env: { ...Object.fromEntries(lent), HOME: stage.home, ...stage.env },
          stdio: 'inherit',
        });
        break;
      case 'USER':
        stage.user = args[0];
        break;
      case 'HEALTHCHECK':
        stage.check = readCommand(instruction);
        break;
      case 'ENTRYPOINT':
        stage.entrypoint = readCommand(instruction);
        break;
      case 'CMD':
        stage.cmd = readCommand(instruction);
        break;
      case 'EXPOSE':
      case 'VOLUME':
        break;
      default:
        throw new Error(`The replay cannot do ${instruction.getKeyword()} yet.`);
    }
  }

  async function beginStage(name) {
    const folder = await mkdtemp(join(work, 'stage-'));
    const root = join(folder, 'root');
    const home = join(folder, 'home');
    await mkdir(root);
    await mkdir(home);
    await chmod(folder, 0o755);
    stages.push({ name, root, home, cwd: '/', env: {}, user: 'root', cmd: [], entrypoint: [] });
  }

  /** Files and folders from the build context or from an earlier stage. */
  async function copy(stage, args, flags) {
    const from = flags.find((flag) => flag.getName() === 'from')?.getValue();
    const source = stages.find(({ name }) => from !== undefined && name === from);
    if (from !== undefined && source === undefined) throw new Error(`There is no stage ${from} before this.`);
    const to = args.at(-1);
    const target = inStage(stage, to.startsWith('/') ? to : join(stage.cwd, to));
    for (const path of args.slice(0, -1)) {
      if (source === undefined && !inContext.has(path))
        throw new Error(`${path} is not let in by .dockerignore.`);
      const file = source === undefined ? join(context, path) : inStage(source, path);
      await cp(file, to.endsWith('/') ? join(target, basename(path)) : target, { recursive: true });
    }
  }

  return { play, image: () => stages.at(-1) };
}

/** A shell line of the image: its absolute paths lie below the stage's folder, and its `node` is `user`. */
function onThisMachine(stage, line) {
  return line
    .replaceAll(/(?<=^|[\s=])\/[\w./-]+/g, (path) => inStage(stage, path))
    .replaceAll('node:node', `${user.uid}:${user.gid}`);
}

/** A path of the image on this machine. */
export function inStage(stage, path) {
  return join(stage.root, path);
}

/** The exec form only: a shell in between would keep signals from the program. */
function readCommand(instruction) {
  const [, list] = /(\[.*\])\s*$/s.exec(instruction.getTextContent()) ?? [];
  if (list === undefined) throw new Error(`${instruction.getKeyword()} needs a JSON array.`);
  return JSON.parse(list);
}
