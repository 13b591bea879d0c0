/** `passbridge completion <shell>`: prints the script that completes commands and flags in a shell. */

import { Argument, type Command } from 'commander';
import type { DeclareCommand } from '../command.ts';
import { commandTree } from './command-tree.ts';
import { completionScript, type Shell, shells } from './scripts.ts';
import { print } from '../output/terminal.ts';

export const declareCompletion: DeclareCommand = (program, ended) => {
  program
    .command('completion')
    .description('print a script that completes commands and flags in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell, _flags: object, { parent }: Command) => {
      print(completionScript(shell, commandTree(parent ?? program)));
      ended(0);
    });
};
