/** What passbridge does differently from a scenario, applied to the pasted bodies: one text per campaign, codes of one's own. */

import { hasTags } from '../jinja/tags.ts';
import { didYouMean } from '../../config/nearest.ts';
import type { Section } from '../template/section.ts';
import { mapTexts, type TextLeaf, textsOf } from './leaves.ts';
import type { Pasted } from './pasted-json.ts';
import type { PresetBodies } from './read-preset.ts';
import type { Remark } from './remark.ts';
import { leafOf, type Vouchers } from './voucher.ts';

export interface CampaignOptions {
  vouchers: Vouchers;
  /** Takes the place of the one that the create has. */
  templateId: string | undefined;
  /** Leave the text of a notification as it stands. */
  keepText: boolean;
}

interface Adapted {
  bodies: PresetBodies;
  remarks: Remark[];
  /** Wishes that fit nothing in the file. */
  problems: string[];
}

/** The guide's placeholders. */
const TEXT = 'NOTIFICATION';
const TEMPLATE_ID = /^\{?templ(?:ate|e)_id_passmachine\}?$/;

/** Whether a template's id is still the guide's, typing error or not. */
export function isPlaceholder(templateId: string): boolean {
  return TEMPLATE_ID.test(templateId);
}

/** Applies the wishes, and says what is odd about what is left. */
export function adapt(bodies: PresetBodies, { vouchers, templateId, keepText }: CampaignOptions): Adapted {
  const remarks: Remark[] = [];
  const names = new Set<string>();

  const adaptLeaf = (section: Section, { name, text }: TextLeaf, say: (text: string) => void): string => {
    const voucher = section === 'attributes' ? undefined : vouchers.get(name);
    if (voucher !== undefined) return leafOf(voucher, text);
    if (section === 'notify' && text === TEXT && !keepText) {
      say(`${TEXT} became {{ text }}: what --text says. --keep-text leaves it`);
      return '{{ text }}';
    }
    if (section === 'create' && name === 'templateId') {
      if (templateId !== undefined) return templateId;
      if (isPlaceholder(text)) say(placeholder);
    } else if (section !== 'attributes' && !hasTags(text)) {
      const odd = oddity(section, name, text);
      if (odd !== undefined) say(odd);
    }
    return text;
  };

  const adapted = new Map<Section, Pasted>();
  for (const [section, pasted] of bodies) {
    for (const { name } of section === 'attributes' ? [] : textsOf(pasted.value)) names.add(name);
    const value = mapTexts(pasted.value, (leaf) =>
      adaptLeaf(section, leaf, (text) => remarks.push({ line: pasted.lineOf(leaf.path), text })),
    );
    adapted.set(section, { value, lineOf: pasted.lineOf });
  }
  const problems = [...vouchers.keys()]
    .filter((name) => !names.has(name))
    .map((name) => `--voucher ${name}: the file has no such text${didYouMean(name, [...names])}`);
  return { bodies: adapted, remarks, problems };
}

const placeholder =
  "templateId is the guide's placeholder: put your template's id there, or import with --template-id ID";

/** What is the same for everybody and perhaps should not be. */
function oddity(section: Section, name: string, text: string): string | undefined {
  if (text === '') return undefined;
  if (/code|voucher|coupon|promo/i.test(name)) {
    return `${name}: ${text} is the same for everybody. For codes of their own, have them in a file, --voucher ${name}=file:codes.txt, or as an attribute, --voucher ${name}=attribute:NAME; to keep it without this note: --voucher ${name}=constant`;
  }
  if (name !== 'fieldValue') return undefined;
  return section === 'create'
    ? `fieldValue: ${text} is what every new card says`
    : `fieldValue: ${text} is what every notification says; put {{ text }} there to say it with --text`;
}
