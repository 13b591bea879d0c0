/** What a card of each type usually looks like, for previews of programs that do not say. */

import type { CardType } from '../jobs/program.ts';
import type { CardColors } from './card-design.ts';

/** The pass styles of Apple Wallet. */
export type CardStyle = 'generic' | 'store' | 'coupon' | 'ticket' | 'boarding';

export interface CardKind {
  style: CardStyle;
  colors: CardColors;
  /**
   * Variables by area, in lower case and without their prefix; `name` is the first and the last name. The others follow
   * in their order.
   */
  header: readonly string[];
  primary: readonly string[];
  secondary: readonly string[];
}

const palette = (background: string, strip: string, label: string): CardColors => ({
  background,
  strip,
  label,
  text: '#ffffff',
});

const indigo = palette('#312e81', '#4338ca', '#c7d2fe');
const slate = palette('#1e293b', '#334155', '#cbd5e1');
const teal = palette('#134e4a', '#115e59', '#99f6e4');
const wine = palette('#701a34', '#9f1239', '#fecdd3');
const forest = palette('#14532d', '#166534', '#bbf7d0');
const plum = palette('#581c87', '#7e22ce', '#e9d5ff');
const ink = palette('#0c2d57', '#1d4ed8', '#bfdbfe');
const earth = palette('#572b08', '#854d0e', '#fde68a');

const kind = (
  style: CardStyle,
  colors: CardColors,
  areas: Partial<Pick<CardKind, 'header' | 'primary' | 'secondary'>>,
): CardKind => ({ style, colors, header: [], primary: [], secondary: [], ...areas });

export const cardKinds: Readonly<Record<CardType, CardKind>> = {
  loyalty: kind('store', indigo, { header: ['points'], primary: ['name'], secondary: ['tier'] }),
  membership: kind('generic', slate, {
    header: ['membership'],
    primary: ['name'],
    secondary: ['validuntil'],
  }),
  stamp: kind('store', earth, { header: ['stamps'], primary: ['reward'], secondary: ['name', 'stampsleft'] }),
  business: kind('generic', slate, { primary: ['name'], secondary: ['position', 'company'] }),
  fan: kind('store', wine, { header: ['season'], primary: ['nextmatch'], secondary: ['name', 'club'] }),
  discount: kind('coupon', plum, { header: ['validto'], primary: ['discount'], secondary: ['name'] }),
  gift: kind('store', wine, { header: ['validto'], primary: ['balance'], secondary: ['name', 'from'] }),
  coupon: kind('coupon', plum, { header: ['validto'], primary: ['offer'], secondary: ['name', 'shop'] }),
  travel: kind('boarding', ink, {
    header: ['line'],
    primary: ['from', 'to'],
    secondary: ['departure', 'platform', 'status'],
  }),
  tourist: kind('generic', teal, { header: ['city'], primary: ['name'], secondary: ['days', 'validto'] }),
  info: kind('generic', teal, { primary: ['place'], secondary: ['openinghours', 'phone'] }),
  accommodation: kind('generic', earth, {
    header: ['room'],
    primary: ['hotel'],
    secondary: ['name', 'checkin', 'checkout'],
  }),
  tour: kind('ticket', forest, { header: ['start'], primary: ['tour'], secondary: ['name', 'meetingpoint'] }),
  event: kind('ticket', ink, { header: ['start'], primary: ['event'], secondary: ['venue', 'name'] }),
  permanent: kind('generic', slate, { header: ['validto'], primary: ['holder'], secondary: ['access'] }),
};
