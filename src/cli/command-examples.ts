/** The examples below the help of each command. A test checks that their commands and flags exist. */

import type { Command } from 'commander';

const examples: Readonly<Record<string, readonly string[]>> = {
  passbridge: [
    'passbridge demo',
    'passbridge init',
    'passbridge issue loyalty export.csv --dry-run',
    'passbridge up',
  ],
  init: ['passbridge init', 'passbridge init --preset guide.txt'],
  doctor: ['passbridge doctor', 'passbridge doctor --file export.csv', 'passbridge doctor --json'],
  diff: [
    'passbridge diff programs.yaml programs-new.yaml export.csv',
    'passbridge diff programs.yaml programs-new.yaml export.csv --program loyalty --json',
  ],
  demo: ['passbridge demo --once'],
  sandbox: [
    'passbridge sandbox --latency 100',
    "passbridge sandbox --fault 'create:500x3' 'create:502-after@5%'",
  ],
  'import-preset': [
    'passbridge import-preset guide.txt',
    'passbridge import-preset - --name gold --dry-run < preset.txt',
  ],
  completion: ['source <(passbridge completion bash)', 'passbridge completion fish | source'],
  issue: [
    'passbridge issue loyalty export.csv --dry-run',
    'passbridge issue loyalty export.csv --canary 50',
    'passbridge issue loyalty @nightly --detach',
  ],
  reissue: ['passbridge reissue loyalty export.csv --canary 50'],
  update: ['passbridge update loyalty export.csv --changed-only'],
  notify: [
    'passbridge notify loyalty export.csv --text "Double points today" --dry-run',
    'passbridge notify loyalty export.csv --text "Double points today" --quiet-hours 21:00-08:00 --use-by 20:00',
  ],
  missing: ['passbridge missing loyalty export.csv', 'passbridge missing loyalty export.csv --issue'],
  status: ['passbridge status', 'passbridge status CAMPAIGN', 'passbridge status --json'],
  pause: ['passbridge pause CAMPAIGN --reason "wrong text"'],
  stop: ['passbridge stop CAMPAIGN --reason "wrong text"'],
  resume: ['passbridge resume CAMPAIGN'],
  reschedule: ['passbridge reschedule CAMPAIGN 2026-12-24T16:00'],
  results: [
    'passbridge results CAMPAIGN > not-done.csv',
    'passbridge results CAMPAIGN --state rejected failed',
  ],
  failures: ['passbridge failures', 'passbridge failures --code PM_UNKNOWN --csv > unknown.csv'],
  retry: [
    'passbridge retry --campaign CAMPAIGN --dry-run',
    'passbridge retry --code PM_REFUSED',
    'passbridge retry --unknown --detach',
  ],
  resolve: ['passbridge resolve --customer c-17 --card CARD_ID', 'passbridge resolve unknown.csv --dry-run'],
  find: ['passbridge find anna@example.com', 'passbridge find c-17 --json'],
  forget: ['passbridge forget c-17 --files'],
  up: ['passbridge up', 'passbridge up --role worker'],
  limits: ['passbridge limits', 'passbridge limits --in-flight 5', 'passbridge limits --reset'],
  vouchers: ['passbridge vouchers'],
  schedules: [
    'passbridge schedules',
    'passbridge schedules next nightly --count 3',
    'passbridge schedules run nightly',
  ],
  backup: ['passbridge backup /backups/passbridge.tar'],
  restore: ['passbridge restore /backups/passbridge.tar', 'passbridge restore --declare'],
  reconcile: ['passbridge reconcile loyalty export.csv --dry-run'],
  audit: ['passbridge audit --by alice', 'passbridge audit verify'],
  operators: ['passbridge operators add alice --role admin', 'passbridge operators list'],
};

/** Returns the examples of a command; empty for a command without any. */
export function examplesOf(name: string): readonly string[] {
  return examples[name] ?? [];
}

/** Adds the examples to the help of the program and of its commands. */
export function addExamples(program: Command): void {
  for (const command of [program, ...program.commands]) {
    const lines = examplesOf(command.name()).map((line) => `  $ ${line}`);
    if (lines.length > 0) command.addHelpText('after', ['\nExamples:', ...lines].join('\n'));
  }
}
