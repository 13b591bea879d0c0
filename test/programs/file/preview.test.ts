import { expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';

const withPreview = (preview: string) => `
programs:
  loyalty:
    card: loyalty
    templateId: t-1
    create:
      templateVariables: { kpName: '{{ customer.name }}', kpNumber: '7' }
    preview: ${preview}
`;

const compile = (preview: string) => {
  const { programs } = parsePrograms(withPreview(preview), 'programs.yaml', {
    folder: '/tmp',
    timeZone: 'UTC',
  });
  return programs.get('loyalty');
};

const problemsOf = (preview: string): readonly string[] => {
  try {
    compile(preview);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

it('compiles the design of the previews', () => {
  const preview = "{ colors: { text: '#FFEEDD' }, primary: ['kpName kpNumber'], barcode: false }";
  expect(compile(preview)?.design).toEqual({
    colors: { text: '#ffeedd' },
    primary: ['kpName kpNumber'],
    barcode: false,
  });
});

it('keeps the version of a program whose preview changes, and sends nothing of it', () => {
  const [one, other] = [compile('{ logo: a.png }'), compile('{ logo: b.png }')];
  expect(one?.version).toBe(other?.version);
  expect(JSON.stringify(one?.source)).not.toContain('a.png');
});

it('reports unknown variables, colors, keys and too many fields with their lines', () => {
  expect(
    problemsOf('{ primary: [kpNam], labels: { kpNumbr: N }, barcode: { variable: constructor } }'),
  ).toEqual([
    'programs.yaml:8: programs.loyalty.preview.primary[0]: create sets no variable kpNam, did you mean kpName?',
    'programs.yaml:8: programs.loyalty.preview.labels.kpNumbr: create sets no variable kpNumbr, did you mean kpNumber?',
    'programs.yaml:8: programs.loyalty.preview.barcode.variable: create sets no variable constructor',
  ]);
  expect(problemsOf("{ colors: { text: 'red; } body {' } }")).toEqual([
    'programs.yaml:8: programs.loyalty.preview.colors.text: must be a color such as #1f2937',
  ]);
  expect(problemsOf('{ colors: { txt: "#ffffff" } }')).toEqual([
    'programs.yaml:8: programs.loyalty.preview.colors.txt: unknown key, did you mean text?',
  ]);
  expect(problemsOf('{ header: [kpName, kpName, kpName] }')).toHaveLength(1);
});
