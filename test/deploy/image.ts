/** What the Dockerfile's last stage says of the containers that are started from it. */

import { readFileSync } from 'node:fs';
import { DockerfileParser, type JSONInstruction } from 'dockerfile-ast';

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
  const [, probe = '[]'] = /CMD (\[.*\])$/s.exec(healthcheck?.getTextContent() ?? '') ?? [];
  return {
    environment: Object.fromEntries(properties.map((each) => [each.getName(), each.getValue() ?? ''])),
    healthcheck: JSON.parse(probe) as string[],
    entrypoint: dockerfile.getENTRYPOINTs().flatMap(stringsOf),
  };
}

function stringsOf(instruction: JSONInstruction): string[] {
  return instruction.getJSONStrings().map((each) => JSON.parse(each.getValue()) as string);
}
