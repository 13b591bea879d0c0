/** Values of a JSON schema, as OpenAPI describes a body, and values that nearly match it. */

import * as fc from 'fast-check';

export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  $ref?: string;
}

/** Any JSON, with names that have a meaning in JavaScript. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -0, -1, 1.5, 1e300, 2 ** 53, '', '\0', '\ud800', [], {}),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom('constructor', 'toString', 'id', 'length', 'then'),
        fc.string({ maxLength: 8 }),
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

/** Returns values of the schema, whose texts are `text`, with a few members that do not match it. */
export function valuesOf(schema: JsonSchema, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: matching(schema, text) }, { weight: 1, arbitrary: anyJson });
}

function matching(schema: JsonSchema, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives !== undefined) return fc.oneof(...alternatives.map((one) => valuesOf(one, text)));
  const [type = 'any'] = [schema.type].flat();
  switch (type) {
    case 'object':
      return objects(schema, text);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, text), { maxLength: 4 });
    case 'string':
      return text;
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double(), fc.maxSafeInteger());
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(text, anyJson);
  }
}

function objects(
  { properties = {}, required = [], additionalProperties: more }: JsonSchema,
  text: fc.Arbitrary<string>,
): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [name, valuesOf(member, text)]),
  );
  const usual = fc.record(members, { requiredKeys: required.filter((name) => name in members) });
  const incomplete = fc.record(members, { requiredKeys: [] });
  const known = fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: incomplete });
  if (typeof more !== 'object') return known;
  const others = fc.dictionary(text, valuesOf(more, text), { maxKeys: 3 });
  return fc.tuple(known, others).map(([first, second]) => Object.assign({}, second, first));
}
