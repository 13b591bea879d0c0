/** The names of schedules, without the cost of compiling every template of the file. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isObject } from '../../kit/is-object.ts';

/**
 * Returns the names of the schedules in a programs file, whether or not its programs are valid. Returns none if the file
 * cannot be read.
 */
export async function scheduleNames(file: string): Promise<string[]> {
  const bytes = bytesOf(file);
  // Most files have none, and are not worth loading a YAML parser.
  if (!bytes.includes('schedules')) return [];
  const { readYamlFile } = await import('../../config/yaml-source.ts');
  const yaml = readYamlFile(bytes, basename(file));
  const { schedules } = yaml.ok && isObject(yaml.source.value) ? yaml.source.value : { schedules: undefined };
  return isObject(schedules) ? Object.keys(schedules) : [];
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
