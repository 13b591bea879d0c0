/** The flag `--encoding` of commands that read an export without starting a campaign. */

import { InvalidArgumentError, Option } from 'commander';
import type { SourceEncoding } from '../domain/campaigns/campaign.ts';
import { campaignOptions, flagOf } from '../domain/campaigns/options/campaign-options.ts';

const { choices, example } = campaignOptions.encoding;

/** Declares the flag; its value is a {@link SourceEncoding}, or undefined for UTF-8. */
export function encodingFlag(): Option {
  return new Option(
    `${flagOf('encoding')} <encoding>`,
    `read the export in this encoding, e.g. ${example}; by default UTF-8`,
  ).argParser(parseEncoding);
}

function parseEncoding(text: string): SourceEncoding | undefined {
  const encoding = choices.find((choice) => choice === text);
  if (encoding === undefined) throw new InvalidArgumentError(`must be one of ${choices.join(', ')}`);
  return encoding === 'utf-8' ? undefined : encoding;
}
