/** Completion scripts for bash, zsh and fish. They contain all words, so that completing starts no process. */

import type { CompletedCommand, CompletedFlag } from './command-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

const PROGRAM = 'passbridge';

/** Returns the script of a shell; how to load it is in its first lines. */
export function completionScript(shell: Shell, tree: readonly CompletedCommand[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(tree);
    case 'zsh':
      return zshScript(tree);
    case 'fish':
      return fishScript(tree);
  }
}

/** The words before the cursor that are commands make up its `name`, whatever flags are between them. */
function findPath(tree: readonly CompletedCommand[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => pattern(path));
  return `  for word in "\${typed[@]}"; do
    case "\${name:+$name }$word" in
      ${paths.join(' | ')}) name="\${name:+$name }$word" ;;
    esac
  done`;
}

/** The choices of the flag before the cursor. */
function findChoices(tree: readonly CompletedCommand[]): string {
  const cases = tree.flatMap(({ path, flags }) =>
    flags
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ name, choices }) => `    ${pattern(`${path} ${name}`.trim())}) found='${choices.join(' ')}' ;;`,
      ),
  );
  return `  case "\${name:+$name }$previous" in
${cases.join('\n')}
  esac`;
}

/** The commands and flags below the path. */
function findWords(tree: readonly CompletedCommand[]): string {
  const cases = tree.map(({ path, commands, choices, flags }) => {
    const names = [...commands, ...choices, ...flags.map(({ name }) => name)];
    return `    ${pattern(path)}) found='${names.join(' ')}' ;;`;
  });
  return `  case "$name" in
${cases.join('\n')}
  esac`;
}

function pattern(path: string): string {
  return `'${path}'`;
}

/** zsh runs it as well, with arrays and words as in other shells. */
function bashScript(tree: readonly CompletedCommand[]): string {
  return `# Completion of ${PROGRAM} for bash. To load it: source <(${PROGRAM} completion bash)
_${PROGRAM}() {
  if [[ -n \${ZSH_VERSION-} ]]; then setopt localoptions ksharrays shwordsplit; fi
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" found= name= word=
  local typed=("\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}")
${findPath(tree)}
${findChoices(tree)}
  if [[ -z $found && ( $current == -* || -z $name || $name == "$previous" || $name == *" $previous" ) ]]; then
${indent(findWords(tree))}
  fi
  COMPREPLY=()
  for word in $found; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
  done
}
complete -o default -F _${PROGRAM} ${PROGRAM}
`;
}

function zshScript(tree: readonly CompletedCommand[]): string {
  return `# Completion of ${PROGRAM} for zsh. To load it: source <(${PROGRAM} completion zsh)
autoload -Uz compinit bashcompinit
(( $+functions[compdef] )) || compinit
bashcompinit
${bashScript(tree)}`;
}

function fishScript(tree: readonly CompletedCommand[]): string {
  const lines = tree.flatMap((command) => {
    const condition = fishCondition(command);
    const children = tree.filter(({ path }) => path !== '' && parentOf(path) === command.path);
    return [
      ...children.map(
        ({ name, description }) =>
          `complete -c ${PROGRAM} -n '${condition}' -a ${name} -d '${fishText(description)}' -f`,
      ),
      ...command.choices.map((choice) => `complete -c ${PROGRAM} -n '${condition}' -a ${choice} -f`),
      ...command.flags.map((flag) => `complete -c ${PROGRAM} -n '${condition}' ${fishFlag(flag)}`),
    ];
  });
  return `# Completion of ${PROGRAM} for fish. To load it: ${PROGRAM} completion fish | source
${lines.join('\n')}
`;
}

/** True while the commands typed so far are those of the path. */
function fishCondition({ path, commands }: CompletedCommand): string {
  const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const notYet = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.join(' ')}`];
  return [...seen, ...notYet].join('; and ') || 'true';
}

function fishFlag({ name, description, choices, takesValue }: CompletedFlag): string {
  const values = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : takesValue ? ' -r' : '';
  return `-l ${name.slice(2)} -d '${fishText(description)}'${values}`;
}

function fishText(text: string): string {
  return text.replaceAll(/[\\']/g, '\\$&');
}

function parentOf(path: string): string {
  return path.split(' ').slice(0, -1).join(' ');
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
