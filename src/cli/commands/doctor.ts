/** `passbridge doctor`: whether everything is there that a campaign needs. */

import { examine } from '../../services/doctor/doctor.ts';
import type { Finding } from '../../services/doctor/finding.ts';
import { loadConfig, readVariables } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import type { Variables } from '../../config/read-environment.ts';
import { loadSources } from '../../programs/file/sources.ts';
import { systemClock } from '../../kit/clock.ts';
import type { ExitCode } from '../exit-code.ts';
import { describeFindings } from '../output/findings-text.ts';
import { host, say } from '../output/terminal.ts';

interface DoctorFlags {
  json?: boolean;
  /** An export to compare the templates with. */
  file?: string;
}

export async function doctor({ json, file }: DoctorFlags): Promise<ExitCode> {
  const findings = await examineFolder({ env: process.env, cwd: process.cwd() }, file);
  say(json === true ? JSON.stringify({ findings }) : describeFindings(findings));
  return isSound(findings) ? 0 : 1;
}

/** Throws a `ConfigError` where the configuration itself cannot be read. */
export function examineFolder(
  environment: { env: Variables; cwd: string },
  file?: string,
): Promise<Finding[]> {
  const config = loadConfig({ ...environment, need: ['passmachine', 'bloomreach'] });
  const { programs } = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const sources = loadSources(config.files.programs, readVariables(environment));
  return examine({ config, programs, sources, file }, host, systemClock);
}

/** Whether nothing among them is an error. */
export function isSound(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'error');
}
