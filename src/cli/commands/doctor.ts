/** `passbridge doctor`: checks everything that a campaign needs. */

import type { Variables } from '../../config/read-environment.ts';
import type { SourceEncoding } from '../../domain/campaigns/campaign.ts';
import type { Finding } from '../../services/doctor/check.ts';
import { type DeclareCommand, environment, type ExitCode } from '../command.ts';
import { encodingFlag } from '../encoding-flag.ts';
import { describeFindings } from '../output/findings.ts';
import { host, say } from '../output/terminal.ts';

interface DoctorFlags {
  json?: boolean;
  /** An export whose columns are compared with the templates. */
  file?: string;
  encoding?: SourceEncoding;
}

export const declareDoctor: DeclareCommand = (program, ended) => {
  program
    .command('doctor')
    .description('check configuration, connections and permissions, and say how to fix problems')
    .option('--file <export>', 'also compare the templates with the columns of this export')
    .addOption(encodingFlag())
    .option('--json', 'print JSON')
    .action(async (flags: DoctorFlags) => ended(await doctor(flags)));
};

async function doctor({ json, file, encoding }: DoctorFlags): Promise<ExitCode> {
  const findings = await checkFolder(environment(), { file, encoding });
  say(json === true ? JSON.stringify({ findings }) : describeFindings(findings));
  return hasErrors(findings) ? 1 : 0;
}

/** Checks an installation, and an export if one is named. Throws a `ConfigError` if the configuration or the programs file is invalid. */
export async function checkFolder(
  folder: { env: Variables; cwd: string },
  compared: { file?: string | undefined; encoding?: SourceEncoding | undefined } = {},
): Promise<Finding[]> {
  const { loadConfig, readVariables, unknownInFile } = await import('../../config/load.ts');
  const { settingsDigest } = await import('../../config/settings-status.ts');
  const { systemClock } = await import('../../kit/clock.ts');
  const { loadProgramsFile } = await import('../../programs/file/programs.ts');
  const { loadSources } = await import('../../programs/file/sources.ts');
  const { checkInstallation } = await import('../../services/doctor/doctor.ts');
  const config = loadConfig({ ...folder, need: ['passmachine', 'bloomreach'] });
  const { programs } = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const variables = readVariables(folder);
  const sources = loadSources(config.files.programs, variables);
  const settings = { digest: await settingsDigest(variables), unknown: unknownInFile(folder.cwd) };
  return checkInstallation({ config, programs, sources, settings, ...compared }, host, systemClock);
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === 'error');
}
