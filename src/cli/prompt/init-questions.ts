/** The questions of `passbridge init`. Loaded for `--help`, so it must not load the parsers. */

import type { SettingName } from '../../config/environment.ts';
import { cardTypes } from '../../domain/jobs/program.ts';

export interface Question {
  /** Name of the flag without its dashes, and key of the answer. */
  name: string;
  /** The setting that the answer is written to; in the environment, it also answers the question. */
  setting?: SettingName;
  prompt: string;
}

function ofSetting(setting: SettingName, prompt: string): Question {
  return { name: setting.toLowerCase().replaceAll('_', '-'), setting, prompt };
}

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  ofSetting('PASSMACHINE_URL', 'Base URL of the Passmachine API'),
  ofSetting('PASSMACHINE_ACCOUNT_ID', 'Your account id at Passmachine'),
  ofSetting('PASSMACHINE_PUBLIC_TOKEN', 'Public token of the account'),
  ofSetting('PASSMACHINE_SECRET_TOKEN', 'Secret token of the account'),
  { name: 'template-id', prompt: 'Id of the card template at Passmachine' },
  { name: 'card', prompt: `Card type: ${cardTypes.join(', ')}` },
  ofSetting('BLOOMREACH_URL', 'API address of Bloomreach: Project settings > Access management > API'),
  ofSetting('BLOOMREACH_PROJECT_TOKEN', 'Token of the Bloomreach project'),
  ofSetting('BLOOMREACH_API_KEY_ID', 'Id of a private API key of the project'),
  ofSetting('BLOOMREACH_API_SECRET', 'Secret of that key'),
];
