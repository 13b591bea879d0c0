/** The guide, byte for byte: each webhook as listed on its page, including the body. */

import { readFileSync } from 'node:fs';

const guide = (name: string) => readFileSync(`test/fixtures/guide/${name}.txt`, 'utf8');

export const guideCreateText = guide('create');
export const guideSaveText = guide('save');
export const guideNotifyText = guide('notify');
export const wholeGuide = guideCreateText + guideSaveText + guideNotifyText;
