/** Passmachine's answer to a create, read tolerantly: no API reference is public, so both likely envelopes count. */

import { z } from 'zod';
import { isObject } from '../kit/is-object.ts';
import type { Json } from '../domain/jobs/program.ts';

/** A made card: its id, its page if the answer had one, and the answer in the guide's envelope. */
export interface CreatedPass {
  passId: string;
  link?: string;
  answer: Json;
}

const card = z.object({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  ro: z
    .object({ microsite: z.object({ url: z.string() }) })
    .optional()
    .catch(undefined),
});

/** The card in an answer, whether bare or under `data`; undefined where there is no id. */
export function readCard(text: string): CreatedPass | undefined {
  const answer = parse(text);
  const isWrapped = isObject(answer) && isObject(answer['data']);
  const bare = isWrapped ? answer['data'] : answer;
  const read = card.safeParse(bare);
  if (!read.success || bare === undefined) return undefined;
  const link = read.data.ro?.microsite.url;
  return {
    passId: read.data.id,
    answer: isWrapped ? answer : { data: bare },
    ...(link !== undefined && { link }),
  };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
