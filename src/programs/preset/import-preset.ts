/** A pasted preset becomes a program of the programs file, or every reason why not, in the lines of what was pasted. */

import { z } from 'zod';
import type { CardType } from '../../domain/jobs/program.ts';
import { ConfigError } from '../../config/config-error.ts';
import { parsePrograms } from '../file/programs.ts';
import { readYaml } from '../../config/yaml-source.ts';
import { adapt, type CampaignOptions } from './adapt.ts';
import { judgeProgram, type ProgramSketch } from './judge.ts';
import { freshPrograms, withSections } from './programs-text.ts';
import { type PresetBodies, readPreset } from './read-preset.ts';
import { describeRemarks } from './remark.ts';
import { codesFileOf } from './voucher.ts';

export interface ImportOptions extends CampaignOptions {
  /** What was pasted. */
  text: string;
  /** Of the program; by default its kind of card. */
  name: string | undefined;
  /** By default what the program has, or loyalty. */
  card: CardType | undefined;
  /** The programs file as it is; undefined where there is none. */
  programs: { file: string; folder: string; text: string | undefined };
  /** Replace sections that the program has. */
  force: boolean;
}

export interface Imported {
  name: string;
  /** The sections that were taken over. */
  sections: readonly string[];
  /** The whole programs file. */
  text: string;
  /** What was taken over alone, as it would be in a file of its own. */
  excerpt: string;
  /** What to know and to do, most of it by line. */
  notes: readonly string[];
}

const programsOf = z.object({
  programs: z.record(z.string(), z.record(z.string(), z.json()).nullable()).nullish(),
});

/** Nothing is written. Throws a {@link ConfigError}; `subject` is what it calls the pasted file. */
export function importPreset(subject: string, options: ImportOptions): Imported {
  const { programs, force } = options;
  const refuse = (problems: readonly string[]) => new ConfigError(subject, problems);
  const preset = readPreset(options.text);
  if (!preset.ok) throw refuse(describeRemarks(preset.problems));
  const { bodies, remarks, problems } = adapt(preset.bodies, options);
  const codes = codesFileOf(options.vouchers);
  if (codes.problem !== undefined) problems.push(codes.problem);
  if (problems.length > 0) throw refuse(problems);

  const name = options.name ?? options.card ?? 'loyalty';
  const present = existing(programs, name);
  const sections: ProgramSketch = {
    ...sectionsOf(bodies, options, present),
    ...(codes.path !== undefined && { vouchers: codes.path }),
  };
  const there = Object.keys(sections).filter((section) => Object.hasOwn(present, section));
  if (there.length > 0 && !force) {
    const which = there.map((section) => `programs.${name}.${section}`).join(', ');
    throw refuse([
      `${programs.file} has ${which} already: --name NAME makes another program, --force replaces what is there`,
    ]);
  }

  const judged = judgeProgram(name, { ...present, ...sections }, bodies);
  if (judged.length > 0) throw refuse(describeRemarks(judged));
  const text =
    programs.text === undefined || programs.text.trim() === ''
      ? freshPrograms(name, sections)
      : withSections(programs.text, name, sections);
  // The last word is that of whoever will read it.
  parsePrograms(text, programs.file, { folder: programs.folder, timeZone: 'UTC' });

  const unsaid = options.card === undefined && sections['card'] !== undefined;
  return {
    name,
    sections: Object.keys(sections),
    text,
    excerpt: freshPrograms(name, sections),
    notes: [
      ...describeRemarks([...preset.remarks, ...remarks]),
      ...(unsaid ? ['card: loyalty, as nothing else was said: --card KIND for another'] : []),
    ],
  };
}

/** The program that is there already, or an empty one. */
function existing({ file, text }: ImportOptions['programs'], name: string): ProgramSketch {
  if (text === undefined) return {};
  const yaml = readYaml(text, file);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);
  const shaped = programsOf.safeParse(yaml.source.value ?? {});
  if (!shaped.success) {
    throw new ConfigError('The programs file', [`${file}: is no programs file: --out names another`]);
  }
  const programs = shaped.data.programs ?? {};
  return (Object.hasOwn(programs, name) ? programs[name] : undefined) ?? {};
}

function sectionsOf(
  bodies: PresetBodies,
  { card, templateId }: ImportOptions,
  present: ProgramSketch,
): ProgramSketch {
  const create = bodies.get('create')?.value;
  const inCreate = typeof create === 'object' && create !== null && 'templateId' in create;
  const ordered = (['create', 'update', 'notify', 'attributes'] as const).flatMap((section) => {
    const pasted = bodies.get(section);
    return pasted === undefined ? [] : [[section, pasted.value] as const];
  });
  return {
    ...((card ?? present['card']) !== present['card'] || present['card'] === undefined
      ? { card: card ?? 'loyalty' }
      : {}),
    ...(templateId !== undefined && !inCreate && { templateId }),
    ...Object.fromEntries(ordered),
  };
}
