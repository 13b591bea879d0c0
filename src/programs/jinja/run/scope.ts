/** The variables of a template. */

import { PyFunction, type Value } from '../../python/values.ts';
import type { Run } from '../library/library.ts';

/** A scope; what it lacks is looked up in the scopes around it. */
export class Scope {
  readonly run: Run;
  private readonly parent: Scope | undefined;
  private readonly variables: Map<string, Value>;

  constructor(run: Run, variables: Map<string, Value> = new Map(), parent?: Scope) {
    this.run = run;
    this.variables = variables;
    this.parent = parent;
  }

  /** Returns a variable, or a function that all templates have. */
  get(name: string): Value | undefined {
    const found = this.variables.get(name);
    if (found !== undefined) return found;
    if (this.parent !== undefined) return this.parent.get(name);
    const { run } = this;
    const call = run.library.functions.get(name);
    return call && new PyFunction(name, (args) => call(args, run));
  }

  set(name: string, value: Value): void {
    this.variables.set(name, value);
  }

  inner(): Scope {
    return new Scope(this.run, new Map(), this);
  }
}
