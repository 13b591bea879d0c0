/** The colors of a card as a stylesheet of their own: the CSP allows no styles within a page. */

import type { FastifyInstance } from 'fastify';
import type { CardColors } from '../../../domain/cards/card-design.ts';
import { pathTo, routes } from '../../paths.ts';

const NAME = /^card((?:-[\da-f]{6}){4})\.css$/;

/** Returns the class of a card with these colors, and the path of the stylesheet that defines it. */
export function colorSheet({ background, text, label, strip }: CardColors): { name: string; path: string } {
  const name = ['card', ...[background, text, label, strip].map((color) => color.slice(1))].join('-');
  return { name, path: pathTo(routes.cardColors, { file: `${name}.css` }) };
}

/** Adds the stylesheets. Their names are their content, so the colors of a stranger reach no other page. */
export function addCardColors(scope: FastifyInstance): void {
  scope.get<{ Params: { file: string } }>(
    routes.cardColors,
    { config: { role: 'viewer' } },
    async ({ params: { file } }, reply) => {
      const colors = NAME.exec(file)?.[1];
      if (colors === undefined) return reply.callNotFound();
      const [background, text, label, strip] = colors.slice(1).split('-');
      return reply
        .type('text/css; charset=utf-8')
        .header('cache-control', 'private, max-age=31536000, immutable')
        .send(
          `.card${colors} { --card: #${background}; --card-text: #${text}; --card-label: #${label}; --card-strip: #${strip}; }\n`,
        );
    },
  );
}
