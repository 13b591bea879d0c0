/** A webhook as people write it down, line by line: the guide's "- Request type: POST", "- Endpoint: …". */

import { kindOfSetting, type WebhookSetting } from './webhook-setting.ts';

const LABEL =
  'request type|http method|method|endpoint|url|authentication(?: method)?|credentials|headers?|key|value|response(?: processing)?|throughput policy|limit';

const BULLET = String.raw`[-–•*]\s+`;
const ENTRY = new RegExp(String.raw`^\s*(?:${BULLET})?(${LABEL})\*?\s*:\s*(.*)$`, 'is');
/** Copied from a web page, two entries may share a line. */
const NEXT_ENTRY = new RegExp(String.raw`\s(?=${BULLET}(?:${LABEL})\*?\s*:)`, 'i');

/** The settings of a text of which the bodies have been blanked out. */
export function readListing(prose: string): WebhookSetting[] {
  const settings: WebhookSetting[] = [];
  let going: WebhookSetting | undefined;
  for (const [place, text] of prose.split('\n').entries()) {
    for (const part of text.split(NEXT_ENTRY)) {
      const [, name, value = ''] = ENTRY.exec(part) ?? [];
      if (name !== undefined) {
        going = entryOf(name, value.trim(), place + 1, settings.at(-1));
        settings.push(going);
      } else if (going !== undefined && goesOn(going.value, part)) {
        going.value = `${going.value} ${part.trim()}`.trim();
      } else going = undefined;
    }
  }
  return settings.flatMap(asHeader);
}

function entryOf(
  name: string,
  value: string,
  line: number,
  last: WebhookSetting | undefined,
): WebhookSetting {
  const word = name.toLowerCase();
  if (word === 'key') return { kind: 'header', name: value, value: '', line };
  // "- Key: Authorization" and "- Value: Bearer …" are one header.
  if (word === 'value' && last?.kind === 'header' && last.value === '') {
    return { kind: 'header', name: last.name, value, line };
  }
  return { kind: word === 'value' ? 'label' : kindOfSetting(name), name, value, line };
}

/** Web pages put code on lines of its own. */
function goesOn(value: string, part: string): boolean {
  return part.trim() !== '' && (value === '' || value.endsWith(':') || /^\s*[,{]/.test(part));
}

/** `Key: X-Timestamp, Value: {{time}}, Type: Public`, or `X-Timestamp: {{time}}`. */
function asHeader(setting: WebhookSetting): WebhookSetting[] {
  if (setting.kind !== 'header') return [setting];
  if (!/^headers?$/i.test(setting.name)) return setting.value === '' ? [] : [setting];
  const [, key, value = ''] =
    /(?:key:\s*)?([\w-]+)\s*(?:,\s*value\s*:|[:=])\s*(.*)/is.exec(setting.value) ?? [];
  return key === undefined ? [] : [{ ...setting, name: key, value }];
}
