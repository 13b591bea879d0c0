/** What shells need to complete a command line: the commands with their flags, as commander has them. */

import type { Command } from 'commander';

export interface CompletedFlag {
  /** E.g. `--role`. */
  name: string;
  description: string;
  /** The values that it accepts, if they are known. */
  choices: readonly string[];
  takesValue: boolean;
}

export interface CompletedCommand {
  /** The words after `passbridge`, e.g. `schedules run`; empty for the program itself. */
  path: string;
  /** The last word of the path. */
  name: string;
  description: string;
  flags: readonly CompletedFlag[];
  /** Names of the commands below it. */
  commands: readonly string[];
  /** The values of its arguments, if they are known. */
  choices: readonly string[];
}

/** Returns the program and every command below it, parents first. Hidden flags are left out. */
export function commandTree(program: Command): CompletedCommand[] {
  return treeFrom(program, []);
}

function treeFrom(command: Command, words: readonly string[]): CompletedCommand[] {
  const help = command.createHelp();
  const own: CompletedCommand = {
    path: words.join(' '),
    name: words.at(-1) ?? '',
    description: firstLine(command.description()),
    flags: help.visibleOptions(command).flatMap(({ long, description, argChoices, required, optional }) =>
      long === undefined || long === null
        ? []
        : [
            {
              name: long,
              description: firstLine(description),
              choices: argChoices ?? [],
              takesValue: required || optional,
            },
          ],
    ),
    commands: command.commands.map((child) => child.name()),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
  return [own, ...command.commands.flatMap((child) => treeFrom(child, [...words, child.name()]))];
}

function firstLine(text: string): string {
  return text.split('\n', 1).join();
}
