/** What the Dockerfile's last stage declares for containers, and the probes that an image answers. */

import { readFileSync } from 'node:fs';
import { DockerfileParser, type JSONInstruction } from 'dockerfile-ast';

/** The paths that deployment files may request. */
export const probes = ['/healthz', '/readyz', '/metrics'];

export interface Image {
  environment: Readonly<Record<string, string>>;
  /** The command and its arguments. */
  healthcheck: readonly string[];
  entrypoint: readonly string[];
}

export function readImage(): Image {
  const dockerfile = DockerfileParser.parse(readFileSync('Dockerfile', 'utf8'));
  const properties = dockerfile.getENVs().flatMap((env) => env.getProperties());
  const [healthcheck] = dockerfile.getHEALTHCHECKs();
  const [, command = '[]'] = /CMD (\[.*\])$/s.exec(healthcheck?.getTextContent() ?? '') ?? [];
  return {
    environment: Object.fromEntries(properties.map((each) => [each.getName(), each.getValue() ?? ''])),
    healthcheck: JSON.parse(command) as string[],
    entrypoint: dockerfile.getENTRYPOINTs().flatMap(stringsOf),
  };
}

function stringsOf(instruction: JSONInstruction): string[] {
  return instruction.getJSONStrings().map((each) => JSON.parse(each.getValue()) as string);
}
