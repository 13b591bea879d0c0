/** The templates' engine, with all that programs may use. */

import { changeMessage } from '../kit/jinja/change-message.ts';
import { makeFilters } from '../kit/jinja/filters.ts';
import { makeRenderer, type Renderer } from '../kit/jinja/renderer.ts';

export function makeProgramRenderer(): Renderer {
  return makeRenderer({ filters: makeFilters(), functions: { change_message: changeMessage } });
}
