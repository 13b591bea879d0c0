/** What a newcomer is asked, and the flags and variables that answer it beforehand. */

import { type SettingName, settings } from '../../config/environment.ts';
import { text, word } from '../../config/parsers.ts';
import type { Reader } from '../../config/setting.ts';
import { cardTypes } from '../../domain/jobs/program.ts';

export interface Question {
  /** Of the flag, without its dashes, and of the answer. */
  name: string;
  /** The variable that answers it as well and that `.env` gets. */
  setting?: SettingName;
  asks: string;
  /** Not shown when it is typed. */
  secret: boolean;
  /** Taken where nothing is said. */
  standard?: string;
  read: Reader<unknown>;
}

function ofSetting(setting: SettingName, asks: string): Question {
  const { read, secret, fallback } = settings[setting];
  return {
    name: setting.toLowerCase().replaceAll('_', '-'),
    setting,
    asks,
    secret,
    read,
    ...(fallback !== undefined && { standard: fallback }),
  };
}

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  ofSetting('PASSMACHINE_URL', "Passmachine's address"),
  ofSetting('PASSMACHINE_ACCOUNT_ID', 'Your account id at Passmachine'),
  ofSetting('PASSMACHINE_PUBLIC_TOKEN', 'Public token of that account'),
  ofSetting('PASSMACHINE_SECRET_TOKEN', 'Secret token of that account'),
  { name: 'template-id', asks: "Passmachine's id of the card template", secret: false, read: text },
  { name: 'card', asks: `Kind of card: ${cardTypes.join(', ')}`, secret: false, read: word(...cardTypes) },
  ofSetting('BLOOMREACH_URL', "Address of Bloomreach's API: Project settings > Access management > API"),
  ofSetting('BLOOMREACH_PROJECT_TOKEN', 'Token of the Bloomreach project'),
  ofSetting('BLOOMREACH_API_KEY_ID', 'Id of a private API key of that project'),
  ofSetting('BLOOMREACH_API_SECRET', 'Secret of that key'),
];
