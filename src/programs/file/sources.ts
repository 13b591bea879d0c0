/** The sources of the programs file, with the secrets that it names filled in. */

import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { FileSource, SourceDefinition } from '../../domain/campaigns/source-definition.ts';
import type { BodyPath, BodyProblem } from '../template/body.ts';
import { ConfigError } from '../../config/config-error.ts';
import { programsShape } from './program-shape.ts';
import { readProgramsFile } from './programs-file.ts';
import type { Variables } from '../../config/read-environment.ts';
import type { SourceText } from './source-shape.ts';
import { readYaml } from '../../config/yaml-source.ts';

export type Sources = ReadonlyMap<string, SourceDefinition>;

/** What a source's text is completed with; problems are collected, so that all are reported at once. */
interface Fill {
  /** The value of the variable that a secret names. */
  secret(name: string, path: BodyPath): string;
  /** The content of a file, whose path starts at the programs file. */
  file(path: string, at: BodyPath): string;
  /** A path of this machine, which starts at the programs file. */
  local(path: string): string;
}

/**
 * Reads the sources of a programs file that is otherwise known to be right. Throws a {@link ConfigError}
 * where a secret or a key file is missing.
 */
export function loadSources(file: string, variables: Variables): Sources {
  const name = basename(file);
  const yaml = readYaml(readProgramsFile(file), name);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);
  const shaped = programsShape.safeParse(yaml.source.value);
  if (!shaped.success) throw new ConfigError('The programs file', [`${name} is not a programs file`]);

  const problems: BodyProblem[] = [];
  const fill = makeFill(dirname(file), variables, problems);
  const sources = Object.entries(shaped.data.sources).map(([source, text]) => define(source, text, fill));
  if (problems.length > 0) throw new ConfigError('The programs file', yaml.source.report(problems));
  return new Map(sources.map((source) => [source.name, source]));
}

function makeFill(folder: string, variables: Variables, problems: BodyProblem[]): Fill {
  const missing = (path: BodyPath, problem: string) => {
    problems.push({ path, problem });
    return '';
  };
  return {
    local: (path) => resolve(folder, path),
    secret(name, path) {
      const value = variables[name.slice(1)] ?? '';
      return value === '' ? missing(path, `${name} is not set in the environment or .env`) : value;
    },
    file(path, at) {
      try {
        return readFileSync(resolve(folder, path), 'utf8');
      } catch (error) {
        const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
        return missing(at, `${path} cannot be read (${why})`);
      }
    },
  };
}

function define(name: string, text: SourceText, fill: Fill): SourceDefinition {
  const { bloomreach, file, marker, settle } = text;
  if (bloomreach !== undefined) {
    const { segmentation, ...segment } = bloomreach;
    return { kind: 'segment', name, ...segment, ...(segmentation !== undefined && { segmentation }) };
  }
  return {
    kind: 'files',
    name,
    place: placeOf(name, text, fill),
    pattern: file ?? '',
    ...(marker !== undefined && { marker }),
    settleMs: settle * 1000,
  };
}

function placeOf(name: string, { folder, sftp, s3 }: SourceText, fill: Fill): FileSource['place'] {
  const path = ['sources', name];
  if (sftp !== undefined) {
    const { password, privateKeyFile, passphrase, ...place } = sftp;
    const at = [...path, 'sftp'];
    if (privateKeyFile === undefined) {
      return { kind: 'sftp', ...place, password: fill.secret(password ?? '', [...at, 'password']) };
    }
    return {
      kind: 'sftp',
      ...place,
      privateKey: fill.file(privateKeyFile, [...at, 'privateKeyFile']),
      ...(passphrase !== undefined && { passphrase: fill.secret(passphrase, [...at, 'passphrase']) }),
    };
  }
  if (s3 !== undefined) {
    const { endpoint, accessKeyId, secretAccessKey, ...place } = s3;
    const at = [...path, 's3'];
    return {
      kind: 's3',
      ...place,
      ...(endpoint !== undefined && { endpoint }),
      accessKeyId: fill.secret(accessKeyId, [...at, 'accessKeyId']),
      secretAccessKey: fill.secret(secretAccessKey, [...at, 'secretAccessKey']),
    };
  }
  return { kind: 'folder', path: fill.local(folder ?? '') };
}
