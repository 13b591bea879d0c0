#!/usr/bin/env python3
"""Writes the fixtures of the differential suite: what Jinja2 3.1 makes of every built-in filter, test, function,
method, operator and statement. Needs Debian's python3-jinja2:

    python3 test/programs/jinja2/write-fixtures.py

The settings are those of passbridge: nothing is escaped, the newline at the end stays, and an absent value may be
tested but not printed. Results without a name, as of `first` of an empty list, stay Jinja2's empty text."""

import json
import re
import sys
from itertools import product
from pathlib import Path

import jinja2
from jinja2 import Environment, Undefined
from jinja2.filters import FILTERS
from jinja2.tests import TESTS
from jinja2.utils import missing

if not jinja2.__version__.startswith("3.1."):
    sys.exit(f"Jinja2 3.1 is needed, not {jinja2.__version__}")


class Absent(Undefined):
    """An absent variable, member or item raises if it is used for more than a test."""

    def _use(self, otherwise):
        is_result = self._undefined_name is None and self._undefined_obj is missing
        return otherwise() if is_result else self._fail_with_undefined_error()

    def __str__(self):
        return self._use(lambda: "")

    def __repr__(self):
        return self._fail_with_undefined_error()

    def __iter__(self):
        return self._use(lambda: iter(()))

    def __len__(self):
        return self._use(lambda: 0)

    def __bool__(self):
        return False


environment = Environment(undefined=Absent, keep_trailing_newline=True)

VALUES = [
    "''", "'abc'", "'Jana Nová'", "\"jana's\"", "'  a b  c '", "'250'", "'-12.9'", "'1e3'", "'0x1f'", "'true'",
    "'a,b;c'", "'x-y--z w'", "'žluťoučký kůň ß ΑΣ'", "'😀a😀'", "'line 1\\nline 2\\r\\n\\nline 4\\t.'", "'<b>&\"\\''",
    "'%s and %d'", "'{} {0}'", "'sleva dvacet procent na zimní zboží a ještě něco'",
    "0", "1", "-7", "250", "12345678901234567890", "2.0", "1.5", "2.5", "-0.5", "1e16", "1e-7", "0.1", "2.675",
    "1234567.891", "true", "false", "none",
    "[]", "[3, 1, 2]", "['b', 'A', 'c', 'a']", "[1, 'a', none, 2.0, true]", "[[1, 2], [3]]", "[[1, 'b'], [2, 'a']]",
    "(1, 'x')", "('only',)", "()",
    "{}", "{'b': 1, 'a': 2}", "{'name': 'Jan', 'tags': ['x', 'y'], 'n': {'k': 'v'}}", "{1: 'one', 'two': 2}",
    "[{'name': 'Jan', 'n': 3}, {'name': 'eva', 'n': 1}, {'name': 'Eva', 'n': 3}]",
    "[{'n': 1.5}, {'n': 2}]", "range(3)", "range(5, 1, -2)", "'abc' | safe", "[] | first",
]

FILTER_CALLS = {
    "abs": [""],
    "attr": ["('upper')", "('name')", "('x')"],
    "batch": ["(2) | list", "(2, 'x') | list", "(2)", "(linecount=3, fill_with=0) | list"],
    "capitalize": [""],
    "center": ["", "(9)", "(10)", "(width=4)", "('x')"],
    "count": [""],
    "d": ["('x')", "('x', true)"],
    "default": ["", "('x')", "('x', true)", "(default_value=1, boolean=true)"],
    "dictsort": ["", "(true)", "(by='value')", "(reverse=true)", "(false, 'value', true)", "(by='x')"],
    "e": [""],
    "escape": [""],
    "filesizeformat": ["", "(true)"],
    "first": [""],
    "float": ["", "(7)", "(default='x')"],
    "forceescape": [""],
    "format": ["", "(1)", "('x')", "(1, 2)", "('a', 7)", "(x=1)", "(*[1, 2])"],
    "groupby": ["('name')", "('n')", "('x', default='-')", "(0)", "('name', case_sensitive=true)", "('length')"],
    "indent": ["", "(2)", "(2, true)", "('> ', true, true)", "(width=1, blank=true)"],
    "int": ["", "(7)", "(default='x')", "(base=16)", "(0, 2)", "(base=0)"],
    "items": [" | list", ""],
    "join": ["", "(', ')", "('-', attribute='name')", "(1)", "(d='|', attribute='n')"],
    "last": [""],
    "length": [""],
    "list": [""],
    "lower": [""],
    "map": ["('upper') | list", "(attribute='name') | list", "(attribute='x', default='-') | list", "('int') | list",
            "('replace', 'a', 'o') | list", "('string') | join('+')", "('upper')", "() | list", "('nofilter') | list",
            "(attribute=0) | list", "('join', ',') | list", "('default', 'x', true) | list"],
    "max": ["", "(attribute='n')", "(case_sensitive=true)"],
    "min": ["", "(attribute='n')", "(true)"],
    "pprint": [""],
    "random": [""],
    "reject": ["() | list", "('odd') | list", "('string') | list", "('in', [1, 'a']) | list"],
    "rejectattr": ["('n') | list", "('n', 'gt', 1) | list", "('name', 'equalto', 'Jan') | list"],
    "replace": ["('a', 'o')", "('a', 'o', 1)", "('', '-')", "('', '-', 2)", "('b', '')", "(1, 2)", "('a', 'xx', 0)",
                "(old='a', new='b', count=1)"],
    "reverse": ["", " | list"],
    "round": ["", "(1)", "(-2)", "(2)", "(0, 'floor')", "(1, 'ceil')", "(-1, 'floor')", "(method='ceil')", "(none)",
              "(1, 'x')"],
    "safe": [""],
    "select": ["() | list", "('string') | list", "('odd') | list", "('divisibleby', 3) | list", "('string')"],
    "selectattr": ["('n') | list", "('n', 'lt', 3) | list", "('name', 'in', ['Jan']) | list", "('x', 'undefined') | list"],
    "slice": ["(2) | list", "(3, 'x') | list", "(slices=2)"],
    "sort": ["", "(reverse=true)", "(case_sensitive=true)", "(attribute='n')", "(attribute='name,n')", "(true, true)"],
    "string": [""],
    "striptags": [""],
    "sum": ["", "(attribute='n')", "(start=10)", "(start=[])", "('n', 1)"],
    "title": [""],
    "tojson": ["", "(2)", "(indent=1)"],
    "trim": ["", "('a')", "(chars=' c')"],
    "truncate": ["", "(9)", "(9, true)", "(5, true, '…')", "(length=9, leeway=0)", "(9, leeway=0, end='')", "(1)",
                 "(20)", "(255, killwords=false)"],
    "unique": [" | list", "(true) | list", "(attribute='n') | list", ""],
    "upper": [""],
    "urlencode": [""],
    "urlize": [""],
    "wordcount": [""],
    "wordwrap": ["", "(9)", "(5, false)", "(6, break_on_hyphens=false)", "(8, wrapstring='|')", "(0)", "(3, true, '/')"],
    "xmlattr": [""],
}

TEST_CALLS = {
    "divisibleby": ["(3)", " 2", "(0)", "(1.5)"],
    "in": ["([1, 'abc', none])", "('abc, 250')", "({'abc': 1, 250: 2})", " range(3)"],
    "sameas": ["(none)", "(true)", "(250)"],
    **{name: ["(2)", "('abc')", "([3])"] for name in
       "== != < <= > >= eq equalto ge greaterthan gt le lessthan lt ne".split()},
}

OPERANDS = [
    "''", "'abc'", "'250'", "'a%sb'", "0", "1", "-7", "250", "12345678901234567890", "2.0", "2.5", "-0.5", "1e16",
    "true", "false", "none", "[]", "[3, 1]", "['b', 'A']", "(1, 'x')", "()", "{}", "{'b': 1}", "range(3)",
    "[[1], 'a']", "nothing",
]

OPERATORS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]

EXPONENTS = ["0", "1", "2", "3", "-1", "-2", "10", "+4"]

UNARY = ["-v", "+v", "not v", "v if v", "v if v else 'other'", "'x' if not v else v", "v[0]", "v[-1]", "v['a']", "v[1:]",
         "v[:2]", "v[::-1]", "v[-3:-1]", "v[::2]", "v[5]", "v.a", "v.name", "v.n.k", "v.0", "v['name']", "v[none]", "v[1.0]",
         "v[1:2, 3]", "[v, v]", "(v,)", "{'k': v}", "v ~ '!'", "v, 1", "0 <= v < 3", "v == v", "v is not none", "v()",
         "v.__class__", "v['x'] is defined", "v.a.b.c", "v in v", "v not in [v]", "[*v]"]

METHODS = {
    "str": [
        "capitalize()", "center(9)", "center(10, '*')", "center(4, '')", "count('a')", "count('')", "count('a', 1, 5)",
        "endswith('a')", "endswith(('c', 'á'))", "endswith('b', 0, -1)", "expandtabs()", "expandtabs(4)", "find('a')",
        "find('a', 2)", "find('x')", "find('')", "find('', 99)", "format(1, 2)", "format('a', x=1)", "format()",
        "index('a')", "isalnum()", "isalpha()", "isascii()", "isdecimal()", "isdigit()", "isidentifier()", "islower()",
        "isprintable()", "isspace()", "istitle()", "isupper()", "join(['x', 'y'])", "join('ab')", "join([1])",
        "ljust(9)", "ljust(9, '.')", "lower()", "lstrip()", "lstrip('aj')", "partition(' ')", "partition('-')",
        "partition('')", "removeprefix('a')", "removesuffix('c')", "replace('a', 'b')", "replace('a', 'bb', 1)",
        "replace('', '.')", "replace('', '.', 3)", "rfind('a')", "rfind('')", "rindex('a')", "rjust(9)", "rjust(9, '0')",
        "rpartition(' ')", "rpartition('x')", "rsplit()", "rsplit(' ', 1)", "rsplit(none, 1)", "rsplit('-')",
        "rstrip()", "rstrip('c ')", "split()", "split(' ')", "split(',')", "split(' ', 1)", "split(none, 1)",
        "split('')", "split(maxsplit=1)", "splitlines()", "splitlines(true)", "startswith('a')", "startswith(('a', '2'))",
        "startswith('b', 1)", "strip()", "strip('a ')", "swapcase()", "title()", "upper()", "zfill(9)", "zfill(2)",
        "upper", "nomethod()", "split(1)", "find(1)", "upper(1)", "zfill()",
    ],
    "list": [
        "count(1)", "count('a')", "index(1)", "index('a', 1)", "copy()", "append(9)", "extend([8, 9])", "insert(0, 9)",
        "insert(-1, 9)", "pop()", "pop(0)", "pop(9)", "remove(3)", "remove('x')", "reverse()", "sort()",
        "sort(reverse=true)", "clear()", "append",
    ],
    "dict": [
        "get('a')", "get('x')", "get('x', 0)", "get()", "items()", "items() | list", "keys()", "keys() | list", "values()",
        "values() | list", "copy()", "pop('a')", "pop('x')", "pop('x', 0)", "popitem()", "setdefault('x', 1)",
        "setdefault('a', 1)", "update({'z': 1})", "update(z=1)", "update([('z', 1)])", "clear()", "items", "a", "name",
        "keys() | sort", "items() | first", "values() | sum", "get", "update()", "nomethod()",
    ],
    "tuple": ["count(1)", "index(1)", "index('y')"],
    "int": ["bit_length()", "real"],
    "float": ["is_integer()", "imag"],
}

MUTATING = {"append", "extend", "insert", "pop", "remove", "reverse", "sort", "clear", "popitem", "setdefault", "update"}

PERCENT = ["%s", "%5s|", "%-5s|", "%.2s", "%d", "%5d|", "%-5d|", "%05d", "%+d", "% d", "%i", "%u", "%x", "%X", "%#x", "%o",
           "%#o", "%e", "%E", "%.2e", "%f", "%.2f", "%8.1f|", "%+.1f", "%08.2f", "%.0f", "%g", "%G", "%.3g", "%#g", "%c",
           "%r", "%a", "%%", "%s%%", "%", "%y", "%5%|", "%.3d", "%-+6d|", "%.10f", "%.17g", "%s %s", "%(x)s", "%*d"]

SPECS = ["", "5", "<5", ">5", "^6", "*^7", "05", "=+6", "+", " ", "d", "5d", "b", "#b", "o", "x", "X", "#x", "#X", "c", "n", ",",
         "_", ",d", "_x", "012,", "e", ".2e", "E", "f", ".2f", ".0f", "F", "g", ".3g", "G", "%", ".1%", "+.1f", "08.2f",
         ",.2f", ">10,.1f", "s", "5s", ".2s", ".2", "#.0f", "z.1f", "Q", ".3", "#g", "10.4", "015,.2f", "<08", "^+9.2f"]

FORMATTED = ["'abc'", "'é'", "''", "0", "1", "7", "-250", "1234567", "255", "97", "12345678901234567890", "0.0", "-0.0", "2.5",
             "3.14159", "-1234567.891", "1e16", "1e-7", "1e100", "0.5", "1.5", "99.995", "true", "none", "[1]", "'x' | safe"]

CALLS = [
    "range(3)", "range(3) | list", "range(1, 9, 3) | list", "range(3, 0, -1) | list", "range(0)", "range(5)[1:3]",
    "range(3) == range(0, 3)", "range('3')", "range(1.0)", "range(1, 2, 0)", "2 in range(3)", "2.5 in range(3)", "range()",
    "range(9)[-1]", "range(9)[9]", "range(3) | sum", "range(10) | batch(3) | list",
    "dict()", "dict(a=1)", "dict([('a', 1)])", "dict({'a': 1}, b=2)", "dict(a=1).a", "dict([1])", "dict(1)",
    "namespace(a=1).a", "namespace(a=1)", "namespace({'a': 1}).a", "namespace(a=1).b", "namespace",
    "cycler(1, 2).next()", "cycler(1, 2).current", "cycler()", "cycler(1)", "joiner()()", "joiner('|')", "lipsum()",
    "lipsum(1)", "range", "nofunction()", "nothing", "nothing.x", "nothing == 1", "nothing == nothing", "nothing is defined",
    "nothing | default('x')", "nothing or 'x'", "not nothing", "nothing ~ ''", "nothing + 1", "[nothing] | length",
    "nothing is undefined", "nothing in [1]", "1 in nothing", "nothing | length", "nothing | upper", "nothing | int",
    "nothing | list", "nothing | string", "nothing | first", "nothing | items | list", "nothing is iterable",
    "nothing is sequence", "nothing is none", "nothing | join", "nothing | tojson", "-nothing", "nothing[0]", "nothing()",
    "1 < 2 < 3", "1 < 2 > 3", "1 == 1.0 == true", "1 + 2 * 3 ** 2", "2 ** 3 ** 2", "-2 ** 2", "(1 + 2) * 3", "7 // 2 * 2", "7 - 2 - 1",
    "1 ~ 2 + 3", "'a' ~ 1 * 2", "1 + 2 ~ 3", "not 1 == 2", "not true and false", "true or false and false", "1 if 0", "1 if 1 else 2 if 0 else 3",
    "1 if 0 else 2 if 0 else 3", "'a' 'b'", "1_000", "0x1F", "0b101", "0o17", "1e3", "1.5e-3", "1_0.2_5", "'\\x41\\u017e\\U0001F600\\101\\q'", "'tab\\tnew\\n'",
    "-1 | abs", "(-1) | abs", "1.5 | int", "1 | string | length", "'a' | upper ~ 'b'", "1 is odd", "1 is not odd", "2 is divisibleby 2",
    "2 is divisibleby(2) and 1", "1 is number is string", "x.y", "[1, 2,]", "{'a': 1,}", "()", "(1)", "(1,)", "1,", "[1, [2, {'a': (1, 2)}]]", "{}.a", "{'a': {'b': 1}}.a.b",
    "{1: 2, 1.0: 3, true: 4}", "{(1, 2): 3}[(1, 2)]", "{(1, 2): 3}[1, 2]", "{[1]: 2}", "'abc'[1]", "'abc'[1:]", "'abc'['upper']()", "'a' in 'abc'", "'a' not in 'abc'", "1 in 'abc'", "1 in {1: 2}",
    "True", "False", "None", "true", "none", "true + 1", "true ~ ''", "none ~ ''", "[true, none]", "'a' < 'b'", "'a' < 1", "'250' > 1000", "none < 1", "[1] < [2]", "[1] < ['a']", "(1,) < (2,)",
    "{} < {}", "'ž' < 'z'", "'😀' < '\\uffff'", "1 < 1.5", "12345678901234567890 > 1e19", "1e400", "-1e400", "1e400 - 1e400", "1 / 3", "10 / 2", "7 // -2", "-7 % 3", "7 % -3",
    "-7.5 // 2", "-7.5 % 2", "5.5 % -2", "1 / 0", "1 % 0", "1.0 // 0", "2 ** 100", "2 ** -1", "2.0 ** 3", "0 ** -1", "10 ** 20 / 3", "0.1 + 0.2", "1e15 + 0.3", "1e22", "123456789.123456789", "1 / 3 * 3",
    "'%s' % 'a'", "'%s %s' % ('a', 1)", "'%(a)s' % {'a': 1}", "'%d' % '1'", "'%s' % [1]", "'%s' % none", "'%s' % true", "'a' % ()", "'a' % 1", "'a' % {}", "'a' % []",
    "'{0} {1}'.format('a', 1)", "'{} {}'.format('a')", "'{x}'.format(x=1)", "'{0[k]}'.format({'k': 1})", "'{0[0]}'.format([1])", "'{:>{w}}'.format('a', w=5)", "'{{}}'.format()", "'{'.format()", "'}'.format()",
    "'{!r}'.format('a')", "'{!s:>4}'.format('a')", "'{0}{}'.format(1)", "'{0.real}'.format(1)", "'{0!r:>6}'.format('a')", "'{:,}'.format(1234567)",
    "'abc' | first", "'' | first", "'' | last", "[] | max", "[] | min", "[] | sum", "[] | join", "[] | first | upper", "[] | first is defined", "([] | first) ~ 'x'",
    "'a b' | title", "\"jana's\" | title", "'x-y (z' | title", "'ǆ' | title", "'ß' | capitalize", "'ŉx'.title()", "'ﬁx'.title()", "'ΑΣΣ' | lower", "'İ' | lower", "'ჯ'.title()",
    "'1,5' | float", "'inf' | float", "'nan' | float", "'1_000' | int", "' 42 ' | int", "'٣' | int", "'12.9' | int", "'-' | int", "'' | int", "[1] | int", "none | int", "'1e400' | int", "1e400 | int", "'0b11' | int(base=2)", "'zz' | int(base=36)", "'9' | int(base=8)",
    "'a' is string", "'a' | safe is escaped", "('a' | safe) ~ 'b'", "('<' | e) ~ '<'", "('<' | e) + '<'", "['<' | e, '<'] | join", "'<' | e | upper", "'<' | e | length", "('a' | safe) == 'a'", "'a' in ('ab' | safe)", "('<' | e).upper()", "('<' | e) | replace('<', 'x')", "'<' | e | e", "'<' | e | forceescape", "('ab' | safe)[0]", "[('a' | safe)]",
    "[1, 2] is iterable", "1 is iterable", "'a' is sequence", "{} is mapping", "range(3) is sequence", "[1] | map('string') is iterable", "range is callable", "'upper' is filter", "'nofilter' is filter", "'odd' is test", "1 is sameas 1", "1 is sameas true", "'a' is lower", "'A1' is upper", "1 is in [1]",
]

STATEMENTS = [
    "{% if 0 %}a{% elif 1 %}b{% else %}c{% endif %}", "{% if 0 %}a{% endif %}", "{% if nothing %}a{% else %}b{% endif %}", "{% if [] %}a{% else %}b{% endif %}",
    "{% for x in [1, 2] %}{{ x }},{% endfor %}", "{% for x in [] %}a{% else %}none{% endfor %}", "{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}", "{% for k in {'a': 1, 'b': 2} %}{{ k }}{% endfor %}",
    "{% for x in [1, 2, 3] if x is odd %}{{ loop.index }}{{ x }}{% endfor %}", "{% for x in 'abc' %}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }};{% endfor %}",
    "{% for x in [1, 2] %}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}", "{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "{% for x in [1, 2, 3] %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for x in [1] %}{{ loop }}{% endfor %}", "{% for x in [1] %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}", "{% for x in [1] %}{{ loop.nothing is defined }}{% endfor %}",
    "{% for x in [[1, [2]], [3]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}", "{% for x in [[1], [2]] %}{% for y in x %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}", "{% for x in [1] %}{{ loop(x) }}{% endfor %}", "{% for x in none %}{% endfor %}", "{% for x in nothing %}{% endfor %}", "{% for x in 1 %}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for a, b in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}", "{% set x = 0 %}{% for i in [1, 2] %}{{ x }}{% set x = i %}{% endfor %}{{ x }}", "{% if 1 %}{% set x = 1 %}{% endif %}{{ x }}", "{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a, b = [1] %}", "{% set x %}a{{ 1 }}{% endset %}{{ x | upper }}", "{% set x | upper %}a{% endset %}{{ x }}", "{% set x.y = 1 %}", "{% set x = 1, 2 %}{{ x }}", "{% set true = 1 %}", "{% set (a, b) = (1, 2) %}{{ b }}",
    "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}", "{% set a = 1 %}{% with a = 2, b = a %}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set x = 1 %}{% endwith %}{{ x is defined }}",
    "{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=4, a=5) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", "{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, x=2) }}", "{% macro m() %}{% endmacro %}{{ m(1) }}", "{% macro m() %}{% endmacro %}{{ m(x=1) }}", "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}x{% endcall %}", "{% macro m() %}{{ caller(1) }}{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}", "{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}", "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(1) }}", "{% macro m() %}a{% endmacro %}{{ m }}", "{% macro m(a) %}{% endmacro %}{{ m.name }}{{ m.arguments }}", "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}", "{% macro m(x) %}{% if x %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "{% macro m() %} a {% endmacro %}{{ m() | trim }}",
    "{% filter upper %}a{{ 'b' }}{% endfilter %}", "{% filter replace('a', 'b') | upper %}abc{% endfilter %}", "{% filter indent %}a\nb{% endfilter %}", "{% filter nofilter %}a{% endfilter %}",
    "{% raw %}{{ a }}{% endraw %}", "{%- raw -%} {{ a }} {%- endraw -%} x", "{# c #}a{#- d -#} b", "a {%- if 1 -%} b {%- endif -%} c", "a {%+ if 1 %} b {% endif +%} c", "a\n{{- 1 -}}\nb", "{{ '}}' }}{{ '{%' }}", "{{ {'a': {'b': 1}} }}", "{{ {} }}", "a\n", "{% print 1 %}", "{% print 'a', 1 %}",
    "{% include 'x' %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% extends 'x' %}", "{% block a %}x{% endblock %}", "{% autoescape true %}{{ '<' }}{% endautoescape %}", "{% autoescape false %}a{% endautoescape %}", "{% do 1 %}", "{% break %}", "{% for x in [1] %}{% break %}{% endfor %}", "{% continue %}", "{% trans %}a{% endtrans %}", "{% debug %}", "{% nostatement %}", "{% if 1 %}", "{% endif %}", "{{ 1", "{{ }}", "{% %}", "{{ 1 2 }}", "{{ 'a }}", "{% raw %}", "{# a", "{{ a b }}", "{{ (1 }}", "{{ 1) }}", "{{ a.b. }}", "{{ | upper }}", "{{ 1 | }}", "{{ 1 is }}", "{{ f(a=1, 2) }}", "{{ [1 }}", "{{ {1} }}", "{{ 1 = 1 }}", "{{ a ! b }}", "{{ 1 && 2 }}", "{{ 007 }}", "{{ 1.foo }}", "{{ x.1 }}", "{{ !x }}", "{% set x %}", "{% for x [1] %}", "{% else %}",
    "{% set l = [1] %}{% set _ = l.append(2) %}{{ l }}", "{% set d = {'a': 1} %}{% set _ = d.update({'b': 2}) %}{{ d }}", "{% set l = [3, 1, 2] %}{{ l.sort() }}{{ l }}", "{% set g = ['a'] | map('upper') %}{{ g | list }}{{ g | list }}", "{% set g = ['a'] | map('upper') %}{{ g }}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.reset() }}{{ c.current }}", "{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}", "{% set x = 'a' %}{{ x }}{{ x }}", "{% set v = {'items': 1} %}{{ v['items'] }}", "{% set v = {'items': 1} %}{{ v.items }}", "{% for k, v in {'b': 1, 'a': 2} | dictsort %}{{ k }}{{ v }}{% endfor %}", "{% for g in [{'n': 1}, {'n': 1}] | groupby('n') %}{{ g.grouper }}{{ g.list | length }}{% endfor %}", "{% for g, l in [{'n': 1}, {'n': 2}] | groupby('n') %}{{ g }}{{ l }}{% endfor %}", "{{ [1, 2, 3] | batch(2) | map('join', '-') | join(';') }}", "{{ 'a b c'.split() | map('upper') | join(' ') }}", "{{ [1, 2] | select('gt', 1) | first }}",
]

ADDRESS = re.compile(r"\bat 0x[0-9a-f]+|<class |<built-in |<function ")


def rows():
    """Yields the section, the name and the template of each row."""
    for name, calls in FILTER_CALLS.items():
        for call, value in product(calls, VALUES):
            yield "filters", name, f"{{% set v = {value} %}}{{{{ v | {name}{call} }}}}"
    for name in sorted(TESTS):
        for call, value in product(TEST_CALLS.get(name, [""]), VALUES):
            if name.isalpha():
                yield "tests", name, f"{{% set v = {value} %}}{{{{ v is {name}{call} }}}}"
            else:
                yield "tests", name, f"{{% set v = {value} %}}{{{{ [v] | select('{name}', {call.strip('()')}) | list }}}}"
    for operator, left, right in product(OPERATORS, OPERANDS, OPERANDS):
        yield "operators", operator, f"{{% set a = {left} %}}{{% set b = {right} %}}{{{{ a {operator} b }}}}"
    for left, right in product(OPERANDS, EXPONENTS):
        yield "operators", "**", f"{{% set a = {left} %}}{{{{ a ** {right} }}}}"
    yield "operators", "**", "{% set a = 2 %}{{ 2 ** a }}"
    for expression, value in product(UNARY, VALUES):
        yield "expressions", "", f"{{% set v = {value} %}}{{{{ {expression} }}}}"
    for kind, calls in METHODS.items():
        for call, value in product(calls, VALUES):
            if kind_of(value) != kind:
                continue
            name = re.match(r"\w+", call)[0]
            after = "{{ v }}" if name in MUTATING else ""
            yield "methods", f"{kind}.{name}", f"{{% set v = {value} %}}{{{{ v.{call} }}}}{after}"
    for form, value in product(PERCENT, FORMATTED):
        yield "operators", "%", f"{{% set v = {value} %}}{{{{ '{form}' % v }}}}"
    for spec, value in product(SPECS, FORMATTED):
        yield "methods", "str.format", f"{{% set v = {value} %}}{{{{ '{{:{spec}}}'.format(v) }}}}"
    for call in CALLS:
        yield "expressions", "", f"{{{{ {call} }}}}"
    for name, advice in {"as_integer_ratio": "1.5", "bit_count": "5", "casefold": "'A'", "conjugate": "1", "encode": "'a'",
                         "format_map": "'a'", "fromhex": "1.5", "from_bytes": "1", "fromkeys": "{}", "hex": "1.5",
                         "isnumeric": "'1'", "maketrans": "'a'", "to_bytes": "1", "translate": "'a'"}.items():
        call = {"encode": "encode()", "format_map": "format_map({})", "fromhex": "fromhex('0x1')", "fromkeys": "fromkeys([1])",
                "maketrans": "maketrans('a', 'b')", "translate": "translate({97: 'b'})", "to_bytes": "to_bytes(1, 'big')",
                "from_bytes": "from_bytes([1], 'big')"}.get(name, f"{name}()")
        yield "methods", name, f"{{% set v = {advice} %}}{{{{ v.{call} }}}}"
    for statement in STATEMENTS:
        keyword = re.search(r"\{%[-+]? *(\w+)", statement)
        yield "statements", keyword[1] if keyword else "", statement


def kind_of(value):
    return type(environment.compile_expression(value)()).__name__


def render(template):
    """Returns what a template prints; the name of the error if it raises one."""
    try:
        printed = environment.from_string(template).render()
    except Exception as error:
        return {"error": type(error).__name__}
    # An address in memory, or a random result, is another one each time.
    if ADDRESS.search(printed) or "| random" in template or "lipsum" in template:
        return {"varies": True}
    return printed


def check_complete():
    missing = [name for name in FILTERS if name not in FILTER_CALLS]
    known = {f"{type(value).__name__}.{name}" for value in ("", [], {}, (), 1, 1.5) for name in dir(value)
             if not name.startswith("_")}
    named = {name for section, name, _ in rows() if section == "methods"}
    # Attributes of numbers that are no methods, and methods that are refused by their name alone.
    rest = {name for name in known if name not in named and name.split(".")[1] not in named}
    rest -= {f"{kind}.{name}" for kind in ("int", "float") for name in ("real", "imag", "numerator", "denominator")}
    if missing or rest:
        sys.exit(f"no rows for {missing} {sorted(rest)}")


def main():
    check_complete()
    sections = {}
    count = 0
    for section, name, template in rows():
        sections.setdefault(section, {}).setdefault(name, {})[template] = render(template)
        count += 1
    folder = Path(__file__).parent
    for section, names in sections.items():
        path = folder / f"{section}.json"
        lines = []
        for name, results in names.items():
            inner = ",\n".join(f"    {json.dumps(t, ensure_ascii=False)}: {json.dumps(r, ensure_ascii=True)}" for t, r in results.items())
            lines.append(f"  {json.dumps(name)}: {{\n{inner}\n  }}")
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{count} rows of Jinja2 {jinja2.__version__}")


main()
