/** The parsed template. */

import type { Operator } from '../../python/arithmetic.ts';
import type { Order } from '../../python/compare.ts';
import type { Value } from '../../python/values.ts';

/** Position of a node in the source, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

export type Comparison = Order | '==' | '!=' | 'in' | 'not in';

export interface CallNode {
  positional: readonly Expression[];
  named: readonly { name: string; value: Expression }[];
  /** `*list` and `**dict` */
  list?: Expression;
  dict?: Expression;
}

export type Expression = Span &
  (
    | { kind: 'constant'; value: Value }
    | { kind: 'name'; name: string }
    | { kind: 'list' | 'tuple'; items: readonly Expression[] }
    | { kind: 'dict'; entries: readonly { key: Expression; value: Expression }[] }
    | { kind: 'unary'; operator: '-' | '+' | 'not'; operand: Expression }
    | { kind: 'binary'; operator: Operator; left: Expression; right: Expression }
    | { kind: 'concat'; parts: readonly Expression[] }
    | {
        kind: 'compare';
        first: Expression;
        others: readonly { operator: Comparison; operand: Expression }[];
      }
    | { kind: 'and' | 'or'; left: Expression; right: Expression }
    | { kind: 'choice'; condition: Expression; chosen: Expression; otherwise?: Expression }
    /** `piped` is absent in `{% filter %}`. */
    | { kind: 'filter'; name: string; piped?: Expression; call: CallNode }
    | { kind: 'test'; name: string; tested: Expression; call: CallNode }
    | { kind: 'attribute'; of: Expression; name: string }
    | { kind: 'item'; of: Expression; key: Expression }
    | { kind: 'slice'; of: Expression; bounds: readonly (Expression | undefined)[] }
    | { kind: 'call'; callee: Expression; call: CallNode }
  );

export type CallExpression = Extract<Expression, { kind: 'call' }>;

/** What a value can be assigned to. */
export type Target =
  | { kind: 'name'; name: string }
  | { kind: 'tuple'; items: readonly Target[] }
  | { kind: 'member'; namespace: string; name: string };

export interface Signature {
  parameters: readonly { name: string; default?: Expression }[];
}

export type Statement =
  | { kind: 'data'; text: string }
  | { kind: 'print'; value: Expression }
  | { kind: 'abort'; reason: string }
  | {
      kind: 'for';
      target: Target;
      iterable: Expression;
      condition?: Expression;
      isRecursive: boolean;
      body: readonly Statement[];
      otherwise: readonly Statement[];
    }
  | {
      kind: 'if';
      branches: readonly { condition: Expression; body: readonly Statement[] }[];
      otherwise: readonly Statement[];
    }
  | { kind: 'set'; target: Target; value: Expression }
  | { kind: 'set-block'; target: Target; filter?: Expression; body: readonly Statement[] }
  | { kind: 'macro'; name: string; signature: Signature; body: readonly Statement[] }
  | { kind: 'call-block'; signature: Signature; call: CallExpression; body: readonly Statement[] }
  | { kind: 'filter-block'; filter: Expression; body: readonly Statement[] }
  | {
      kind: 'with';
      variables: readonly { target: Target; value: Expression }[];
      body: readonly Statement[];
    };
