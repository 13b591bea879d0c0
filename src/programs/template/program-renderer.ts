/** The templates' engine, with all that programs may use. */

import { changeMessage } from '../jinja/change-message.ts';
import { makeFilters } from '../jinja/filters.ts';
import { makeRenderer, type Renderer } from '../jinja/renderer.ts';

export function makeProgramRenderer(): Renderer {
  return makeRenderer({ filters: makeFilters(), functions: { change_message: changeMessage } });
}
