/** Which attributes a template tests as true or false by their bare value. */

import { expect, test } from 'vitest';
import { truthTestsIn } from '../../../src/programs/jinja/truth-tests.ts';

test.each([
  ["{% if not customer.consent %}{% abort: 'no consent' %}{% endif %}", ['consent']],
  ['{% if customer.a %}1{% elif customer["b c"] %}2{% endif %}', ['a', 'b c']],
  ["{{ 'VIP' if customer.vip else 'Basic' }}", ['vip']],
  ['{% if customer.a and customer.b or not customer.c %}x{% endif %}', ['a', 'b', 'c']],
  ['{% if customer.points | int > 5 and customer.b %}x{% endif %}', ['b']],
  ['{% if (customer.a) %}x{% endif %}{% if not (customer.b or x) %}y{% endif %}', ['a', 'b']],
  ['{% if customer.a | default(false) %}x{% endif %}', ['a']],
  ["{% if customer.a | default('') | trim | lower -%}x{% endif %}", ['a']],
  ['{% set ok = customer.consent %}{% if ok %}x{% endif %}', ['consent']],
  ['{% set ok = customer.a | default(0) -%}{% set yes = ok %}{% if not yes %}x{% endif %}', ['a']],
  ["{{ customer.nick or 'friend' }}", ['nick']],
  ['{% for tag in customer.tags if customer.vip %}{{ tag }}{% endfor %}', ['vip']],
  ['{{ not customer.consent }}', ['consent']],
])('%s tests %j', (source, expected) => {
  expect(truthTestsIn(source)).toEqual(expected);
});

test.each([
  "{% if customer.consent == 'true' %}x{% endif %}",
  "{% if not customer.consent == 'true' and 1 < customer.b %}x{% endif %}",
  "{% if customer.consent in ['true', '1'] %}x{% endif %}",
  "{% if 'a' in customer.tags or customer.b is defined %}x{% endif %}",
  '{% if customer.points | int %}x{% endif %}',
  '{% if customer.a - 1 and customer.b + 1 %}x{% endif %}',
  '{% if customer.a.startswith("x") and customer.b.c %}x{% endif %}',
  '{{ customer.a if customer.b == "1" else customer.c }}',
  '{% if range(customer.a) and f(customer.b) %}x{% endif %}',
  "{% set ok = customer.a == '1' %}{% if ok %}x{% endif %}",
  '{# {% if customer.a %} #}{% raw %}{% if customer.b %}{% endraw %}{{ "if customer.c" }}',
  '{% if time %}x{% endif %}{% if order.customer %}y{% endif %}',
])('%s tests no attribute by its bare value', (source) => {
  expect(truthTestsIn(source)).toEqual([]);
});
