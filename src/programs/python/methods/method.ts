/** How methods of texts, lists and dicts are written. */

import type { Meter } from '../meter.ts';
import type { Args, Value } from '../values.ts';

/** A method of values of type `T`. */
export type Method<T> = (self: T, args: Args, meter: Meter) => Value;

export type Methods<T> = Readonly<Record<string, Method<T>>>;
