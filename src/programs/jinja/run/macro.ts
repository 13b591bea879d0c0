/** Macros, and the bodies of `{% call %}`. */

import { MAX_NESTING, type Meter } from '../../python/meter.ts';
import { misused, PyError } from '../../python/py-error.ts';
import { type Args, orElse, PyDict, PyObject, PyTuple, Undefined, type Value } from '../../python/values.ts';

interface MacroOptions {
  name: string;
  parameters: readonly string[];
  /** Which of `varargs`, `kwargs` and `caller` the body reads: only then they may be given. */
  extras: ReadonlySet<string>;
  /** Renders the body with its parameters; those not given are undefined. */
  render: (values: ReadonlyMap<string, Value | undefined>) => string;
}

export class Macro extends PyObject {
  readonly typeName: string;
  private readonly options: MacroOptions;

  constructor(options: MacroOptions) {
    super();
    this.typeName = options.name;
    this.options = options;
  }

  override get isCallable(): boolean {
    return true;
  }

  override print(): string {
    return this.options.name === 'caller' ? '<Macro anonymous>' : `<Macro '${this.options.name}'>`;
  }

  override attribute(name: string): Value | undefined {
    const { options } = this;
    if (name === 'name') return options.name;
    return name === 'arguments' ? new PyTuple(options.parameters) : undefined;
  }

  override call({ positional, named }: Args, meter: Meter): Value {
    const { name, parameters, extras, render } = this.options;
    const values = new Map<string, Value | undefined>();
    const others = new Map(named);
    for (const [index, parameter] of parameters.entries()) {
      const byName = others.get(parameter);
      if (byName !== undefined && index < positional.length)
        throw misused(`${name} is given ${parameter} twice`);
      others.delete(parameter);
      values.set(parameter, index < positional.length ? positional[index] : byName);
    }
    if (extras.has('caller') && !parameters.includes('caller')) {
      values.set('caller', orElse(others.get('caller'), new Undefined('caller')));
      others.delete('caller');
    }
    if (extras.has('kwargs')) values.set('kwargs', new PyDict(others));
    else for (const unknown of others.keys()) throw misused(`the macro ${name} does not take ${unknown}`);
    const rest = positional.slice(parameters.length);
    if (extras.has('varargs')) values.set('varargs', new PyTuple(rest));
    else if (rest.length > 0) throw misused(`the macro ${name} takes at most ${parameters.length} values`);
    return nested(meter, () => render(values));
  }
}

/** Runs a call within a call. Throws if they are nested too deeply, as in a macro that calls itself. */
export function nested<T>(meter: Meter, run: () => T): T {
  meter.spend(10);
  meter.depth += 1;
  if (meter.depth > MAX_NESTING)
    throw new PyError('limit', `recurses more than ${MAX_NESTING} levels deep and was stopped`);
  try {
    return run();
  } finally {
    meter.depth -= 1;
  }
}
