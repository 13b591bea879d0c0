/** Checks a Dockerfile by the rules of hadolint that matter here; returns one line per violated rule. */

import { type Dockerfile, DockerfileParser, type From, type JSONInstruction } from 'dockerfile-ast';

/** The instructions of one stage. */
interface Stage {
  from: From;
  runs: string[];
  users: string[];
  keywords: string[];
  commands: JSONInstruction[];
}

export function dockerfileProblems(text: string): string[] {
  const dockerfile = DockerfileParser.parse(text);
  const stages = stagesOf(dockerfile);
  const last = stages.at(-1);
  if (last === undefined) return ['no build stage'];
  const names = new Set(stages.map(({ from }) => from.getBuildStage()));
  const bases = stages.map(({ from }) => from).filter((from) => !names.has(from.getImage()));
  const runs = stages.flatMap((stage) => stage.runs);
  const keywords = stages.flatMap((stage) => stage.keywords);
  const user = last.users.at(-1) ?? 'root';
  const rules: Record<string, boolean> = {
    'a base image without a tag': bases.some((from) => from.getImageTag() === null),
    'a base image that changes with every release': bases.some((from) =>
      /^(latest|lts|current|slim)/.test(from.getImageTag() ?? ''),
    ),
    'a single stage, which keeps build tools in the image': stages.length < 2,
    'npm ci more than once in a stage': stages.some(
      (stage) => stage.runs.filter((run) => run.includes('npm ci')).length > 1,
    ),
    'npm install instead of npm ci': runs.some((run) => /npm (i|install)\b/.test(run)),
    'development dependencies in the image': last.runs.some(
      (run) => run.includes('npm ci') && !run.includes('--omit=dev'),
    ),
    'the npm cache in the image': last.runs.some(
      (run) => run.includes('npm ci') && !run.includes('npm cache clean'),
    ),
    'apt package lists in the image': runs.some(
      (run) => run.includes('apt-get') && !run.includes('rm -rf /var/lib/apt/lists'),
    ),
    'packages that apt merely recommends': runs.some(
      (run) => run.includes('apt-get install') && !run.includes('--no-install-recommends'),
    ),
    'sudo, cd or a pipe in RUN': runs.some((run) => /\bsudo\b|^cd |[^|]\|[^|]/.test(run)),
    'ADD instead of COPY': keywords.includes('ADD'),
    'root as the final user': /^(root|0)(:|$)/.test(user),
    'no HEALTHCHECK': !last.keywords.includes('HEALTHCHECK'),
    'no CMD': !last.keywords.includes('CMD'),
    'a shell as the parent of the program': last.commands.some(
      (command) => command.getJSONStrings().length === 0,
    ),
    'a secret in the image': dockerfile
      .getENVs()
      .some((env) => env.getProperties().some((each) => /SECRET|PASSWORD|TOKEN|KEY/.test(each.getName()))),
    'a Redis in the image': /apt-get.+redis/.test(text),
  };
  return Object.keys(rules).filter((rule) => rules[rule]);
}

function stagesOf(dockerfile: Dockerfile): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const keyword = instruction.getKeyword();
    const content = instruction.getArgumentsContent() ?? '';
    if (keyword === 'FROM')
      stages.push({ from: instruction as From, runs: [], users: [], keywords: [], commands: [] });
    const stage = stages.at(-1);
    stage?.keywords.push(keyword);
    if (keyword === 'RUN') stage?.runs.push(content);
    if (keyword === 'USER') stage?.users.push(content);
    if (keyword === 'CMD' || keyword === 'ENTRYPOINT') stage?.commands.push(instruction as JSONInstruction);
  }
  return stages;
}
