/** Rules of operators as whichever process carries them out reads them. */

import { makeRuleCompiler } from '../../programs/template/edit-rule.ts';
import type { EditJob, EditRule } from '../../domain/failures/edit-rule.ts';

/** Makes the function that reads a rule. A rule of another version may not compile: then it fails for each job. */
export function makeEditors(): (rule: EditRule) => EditJob {
  const compile = makeRuleCompiler();
  return (rule) => {
    const compiled = compile(rule);
    if (compiled.ok) return compiled.edit;
    return () => ({ ok: false, problem: compiled.problems.join('; ') });
  };
}
