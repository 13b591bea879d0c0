/** Replays the stages of a Dockerfile, each in an empty folder: a path of the image is the same path below the folder. */

import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
/** The user `node` of the base image if this process is root, otherwise the user of this process. */
export const user = uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid };

/** The variables that commands of the build inherit. */
const inherited = ['PATH', 'http_proxy', 'https_proxy', 'no_proxy'].map((name) => [name, process.env[name]]);

/** Opens an empty build whose stages are folders in `work`. */
export async function openBuild(context, work) {
  const ignored = await readFile(join(context, '.dockerignore'), 'utf8');
  const inContext = new Set([...ignored.matchAll(/^!(.+)$/gm)].map(([, path]) => path));
  const stages = [];
  // The user of the image must be able to enter it.
  await chmod(work, 0o755);

  /** Executes one instruction in the current stage. */
  async function execute(instruction) {
    const args = instruction.getArguments().map((argument) => argument.getValue());
    const stage = stages.at(-1);
    switch (instruction.getKeyword()) {
      case 'FROM':
        await startStage(instruction.getBuildStage());
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
          env: { ...Object.fromEntries(inherited), HOME: stage.home, ...stage.env },
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
        throw new Error(`The replay does not support ${instruction.getKeyword()} yet.`);
    }
  }

  async function startStage(name) {
    const folder = await mkdtemp(join(work, 'stage-'));
    const root = join(folder, 'root');
    const home = join(folder, 'home');
    await mkdir(root);
    await mkdir(home);
    await chmod(folder, 0o755);
    stages.push({ name, root, home, cwd: '/', env: {}, user: 'root', cmd: [], entrypoint: [] });
  }

  /** Copies files and folders from the build context or from an earlier stage. */
  async function copy(stage, args, flags) {
    const from = flags.find((flag) => flag.getName() === 'from')?.getValue();
    const source = stages.find(({ name }) => from !== undefined && name === from);
    if (from !== undefined && source === undefined)
      throw new Error(`COPY --from=${from}: there is no earlier stage with this name.`);
    const to = args.at(-1);
    const target = inStage(stage, to.startsWith('/') ? to : join(stage.cwd, to));
    for (const path of args.slice(0, -1)) {
      if (source === undefined && !inContext.has(path))
        throw new Error(`COPY ${path}: .dockerignore excludes it.`);
      const file = source === undefined ? join(context, path) : inStage(source, path);
      await cp(file, to.endsWith('/') ? join(target, basename(path)) : target, { recursive: true });
    }
  }

  return { execute, image: () => stages.at(-1) };
}

/** Translates a shell line of the image: absolute paths point below the stage's folder, and `node` is `user`. */
function onThisMachine(stage, line) {
  return line
    .replaceAll(/(?<=^|[\s=])\/[\w./-]+/g, (path) => inStage(stage, path))
    .replaceAll('node:node', `${user.uid}:${user.gid}`);
}

/** Returns the location of a path of the image on this machine. */
export function inStage(stage, path) {
  return join(stage.root, path);
}

/** Parses the exec form; the shell form is rejected because a shell would not forward signals. */
function readCommand(instruction) {
  const [, list] = /(\[.*\])\s*$/s.exec(instruction.getTextContent()) ?? [];
  if (list === undefined) throw new Error(`${instruction.getKeyword()} must be a JSON array.`);
  return JSON.parse(list);
}
