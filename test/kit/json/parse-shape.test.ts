import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseShape, UNCOMPARABLE } from '../../../src/kit/json/parse-shape.ts';
import { readCard } from '../../../src/passmachine/answers.ts';

const uncomparable = '{"length":{"toString":1,"valueOf":1}}';

it.each([z.string().min(1), z.string().max(9), z.string().length(2), z.array(z.json()).max(3)])(
  'refuses a value whose length cannot be compared',
  (schema) => {
    const value: unknown = JSON.parse(uncomparable);
    expect(() => schema.safeParse(value)).toThrow(TypeError);
    expect(parseShape<unknown>(schema, value).error?.issues).toMatchObject([{ message: UNCOMPARABLE }]);
  },
);

it('parses as the schema does otherwise', () => {
  expect(parseShape(z.string().min(1), 'a')).toEqual({ success: true, data: 'a' });
  expect(parseShape(z.string().min(1), '').error?.issues).toMatchObject([{ code: 'too_small' }]);
  const broken = z.string().transform(() => {
    throw new RangeError('a bug');
  });
  expect(() => parseShape(broken, 'a')).toThrow(RangeError);
});

it('finds no card in an answer that is made to break its schema', () => {
  expect(readCard(`{"id":${uncomparable}}`)).toBeUndefined();
  expect(readCard(`{"data":{"id":"p-1","ro":${uncomparable}}}`)).toMatchObject({ passId: 'p-1' });
});
