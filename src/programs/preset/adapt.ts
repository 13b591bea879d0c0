/** Adapts the pasted bodies to passbridge: the text comes from the campaign, and codes may come from a file or an attribute. */

import type { Json } from '../../domain/jobs/program.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import type { JsonPath } from '../../kit/json-path.ts';
import { hasTags } from '../jinja/syntax/tokens.ts';
import type { Section } from '../template/section.ts';
import type { Pasted } from './pasted-json.ts';
import type { LineNote } from './pasted-text.ts';
import type { PresetBodies } from './read-preset.ts';
import { leafOf, type Vouchers } from './voucher.ts';

export interface AdaptOptions {
  vouchers: Vouchers;
  /** Replaces the template id of the create. */
  templateId: string | undefined;
  /** Whether the text of a notification stays as it is. */
  keepText: boolean;
}

interface Adapted {
  bodies: PresetBodies;
  notes: LineNote[];
  /** Options that do not match anything in the file. */
  problems: string[];
}

/** The guide's placeholders, one of them with its typo. */
const TEXT = 'NOTIFICATION';
const TEMPLATE_ID = /^\{?templ(?:ate|e)_id_passmachine\}?$/;

/** Returns whether a template id is still the guide's placeholder. */
export function isPlaceholder(templateId: string): boolean {
  return TEMPLATE_ID.test(templateId);
}

/** Applies the options, and adds notes about texts that are probably not intended. */
export function adapt(bodies: PresetBodies, { vouchers, templateId, keepText }: AdaptOptions): Adapted {
  const notes: LineNote[] = [];
  const names = new Set<string>();

  const adaptText = (section: Section, { name, text }: TextLeaf, note: (text: string) => void): string => {
    const voucher = section === 'attributes' ? undefined : vouchers.get(name);
    if (voucher !== undefined) return leafOf(voucher, text);
    if (section === 'notify' && text === TEXT && !keepText) {
      note(`${TEXT} became {{ text }}, the campaign's --text. Use --keep-text to keep it`);
      return '{{ text }}';
    }
    if (section === 'create' && name === 'templateId') {
      if (templateId !== undefined) return templateId;
      if (isPlaceholder(text)) note(PLACEHOLDER);
    } else if (section !== 'attributes' && !hasTags(text)) {
      const warning = constantTextWarning(section, name, text);
      if (warning !== undefined) note(warning);
    }
    return text;
  };

  const adapted = new Map<Section, Pasted>();
  for (const [section, pasted] of bodies) {
    for (const { name } of section === 'attributes' ? [] : textsOf(pasted.value)) names.add(name);
    const value = mapTexts(pasted.value, (leaf) =>
      adaptText(section, leaf, (text) => notes.push({ line: pasted.lineOf(leaf.path), text })),
    );
    adapted.set(section, { value, lineOf: pasted.lineOf });
  }
  const problems = [...vouchers.keys()]
    .filter((name) => !names.has(name))
    .map((name) => `--voucher ${name}: the file has no text of this name${didYouMean(name, [...names])}`);
  return { bodies: adapted, notes, problems };
}

const PLACEHOLDER =
  "templateId is the guide's placeholder: replace it by your template's id, or import with --template-id ID";

/** Warns about a text that is the same for every customer and probably should not be. */
function constantTextWarning(section: Section, name: string, text: string): string | undefined {
  if (text === '') return undefined;
  if (/code|voucher|coupon|promo/i.test(name)) {
    return `${name}: ${text} is the same for every customer. For individual codes, take them from a file, --voucher ${name}=file:codes.txt, or from an attribute, --voucher ${name}=attribute:NAME; to keep it without this note: --voucher ${name}=constant`;
  }
  if (name !== 'fieldValue') return undefined;
  return section === 'create'
    ? `fieldValue: every new card shows ${text}`
    : `fieldValue: every notification shows ${text}; write {{ text }} instead to set it with --text`;
}

/** A text in a body; `name` is Passmachine's name for it: its key, or the end of a patch's path. */
interface TextLeaf {
  path: JsonPath;
  name: string;
  text: string;
}

/** Returns all texts of a body except `op` and `path` of a patch. */
function textsOf(body: Json): TextLeaf[] {
  const leaves: TextLeaf[] = [];
  mapTexts(body, (leaf) => {
    leaves.push(leaf);
    return leaf.text;
  });
  return leaves;
}

/** Returns the body with each text replaced by the result of `change`. */
function mapTexts(body: Json, change: (leaf: TextLeaf) => string): Json {
  const walk = (value: Json, path: JsonPath, name: string): Json => {
    if (typeof value === 'string') return change({ path, name, text: value });
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index], name));
    if (typeof value !== 'object' || value === null) return value;
    if (isOperation(value)) {
      const target = value.path.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~') ?? '';
      return { ...value, value: walk(value['value'] ?? null, [...path, 'value'], target) };
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, walk(member, [...path, key], key)]),
    );
  };
  return walk(body, [], '');
}

function isOperation(value: { [key: string]: Json }): value is { path: string; [key: string]: Json } {
  return typeof value['op'] === 'string' && typeof value['path'] === 'string' && 'value' in value;
}
