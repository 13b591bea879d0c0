/** Loads the sources of the programs file and fills in the secrets that they refer to. */

import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { Variables } from '../../config/read-environment.ts';
import { readYaml } from '../../config/yaml-source.ts';
import type { FileLocation, SourceDefinition } from '../../domain/campaigns/source-definition.ts';
import type { JsonPath, PathProblem } from '../../kit/json-path.ts';
import { problemOf } from '../../kit/runtime/system-error.ts';
import { programsShape } from './program-shape.ts';
import { readProgramsFile } from './programs.ts';
import type { SourceSpec } from './source-shape.ts';

export type Sources = ReadonlyMap<string, SourceDefinition>;

/** Resolves references of a source. Problems are collected, so that all are reported at once. */
interface Resolver {
  /** Returns the value of a variable, `$NAME`. */
  secret(reference: string, path: JsonPath): string;
  /** Returns the content of a file; relative paths start at the programs file. */
  content(file: string, path: JsonPath): string;
  /** Returns the absolute path. */
  absolute(file: string): string;
}

/**
 * Loads the sources of a programs file that has no other problems. Throws a {@link ConfigError} if a
 * secret or a key file is missing.
 */
export function loadSources(file: string, variables: Variables): Sources {
  const name = basename(file);
  const yaml = readYaml(readProgramsFile(file), name);
  if (!yaml.ok) throw new ConfigError('The programs file', yaml.problems);
  const shaped = programsShape.safeParse(yaml.source.value);
  if (!shaped.success) throw new ConfigError('The programs file', [`${name} is not a programs file`]);

  const problems: PathProblem[] = [];
  const resolver = makeResolver(dirname(file), variables, problems);
  const sources = Object.entries(shaped.data.sources).map(([source, spec]) => define(source, spec, resolver));
  if (problems.length > 0) throw new ConfigError('The programs file', yaml.source.report(problems));
  return new Map(sources.map((source) => [source.name, source]));
}

function makeResolver(folder: string, variables: Variables, problems: PathProblem[]): Resolver {
  const missing = (path: JsonPath, problem: string) => {
    problems.push({ path, problem });
    return '';
  };
  return {
    absolute: (file) => resolve(folder, file),
    secret(reference, path) {
      const value = variables[reference.slice(1)] ?? '';
      return value === '' ? missing(path, `${reference} is not set in the environment or .env`) : value;
    },
    content(file, path) {
      try {
        return readFileSync(resolve(folder, file), 'utf8');
      } catch (error) {
        return missing(path, `${file} cannot be read: ${problemOf(error)}`);
      }
    },
  };
}

function define(name: string, spec: SourceSpec, resolver: Resolver): SourceDefinition {
  const { bloomreach, file, marker, settle } = spec;
  if (bloomreach !== undefined) {
    const { segmentation, ...segment } = bloomreach;
    return { kind: 'segment', name, ...segment, ...(segmentation !== undefined && { segmentation }) };
  }
  return {
    kind: 'files',
    name,
    location: locationOf(name, spec, resolver),
    pattern: file ?? '',
    ...(marker !== undefined && { marker }),
    settleMs: settle * 1000,
  };
}

function locationOf(name: string, { folder, sftp, s3 }: SourceSpec, resolver: Resolver): FileLocation {
  const path = ['sources', name];
  if (sftp !== undefined) {
    const { password, privateKeyFile, passphrase, ...server } = sftp;
    const at = [...path, 'sftp'];
    if (privateKeyFile === undefined) {
      return { kind: 'sftp', ...server, password: resolver.secret(password ?? '', [...at, 'password']) };
    }
    return {
      kind: 'sftp',
      ...server,
      privateKey: resolver.content(privateKeyFile, [...at, 'privateKeyFile']),
      ...(passphrase !== undefined && { passphrase: resolver.secret(passphrase, [...at, 'passphrase']) }),
    };
  }
  if (s3 !== undefined) {
    const { endpoint, accessKeyId, secretAccessKey, ...bucket } = s3;
    const at = [...path, 's3'];
    return {
      kind: 's3',
      ...bucket,
      ...(endpoint !== undefined && { endpoint }),
      accessKeyId: resolver.secret(accessKeyId, [...at, 'accessKeyId']),
      secretAccessKey: resolver.secret(secretAccessKey, [...at, 'secretAccessKey']),
    };
  }
  return { kind: 'folder', path: resolver.absolute(folder ?? '') };
}
