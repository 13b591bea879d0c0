import { describe, expect, it } from 'vitest';
import { firstAnswers } from '../../../src/cli/prompt/first-answers.ts';
import { questions } from '../../../src/cli/prompt/first-questions.ts';

const flags = {
  'passmachine-account-id': 'a-1',
  'passmachine-public-token': 'public',
  'passmachine-secret-token': 'secret',
  'template-id': 't-1',
  card: 'gift',
  'bloomreach-url': 'https://api.exponea.com/',
  'bloomreach-project-token': 'project',
  'bloomreach-api-key-id': 'key',
  'bloomreach-api-secret': 'hidden',
};

/** Types these lines, one after the other. */
function typing(lines: string[]) {
  const asked: { question: string; hidden: boolean }[] = [];
  const said: string[] = [];
  const person = {
    ask: async (question: string, { hidden }: { hidden: boolean }) => {
      asked.push({ question, hidden });
      return lines.shift() ?? '';
    },
    say: (line: string) => void said.push(line),
  };
  return { person, asked, said };
}

describe('the first answers', () => {
  it('come from the flags, and nobody is asked', async () => {
    const { person, asked } = typing([]);
    const answers = await firstAnswers({
      flags: { ...flags, 'passmachine-url': 'http://127.0.0.1' },
      env: {},
      person,
    });
    expect(asked).toEqual([]);
    expect(answers.get('bloomreach-url')).toBe('https://api.exponea.com');
    expect([...answers.keys()].toSorted()).toEqual(questions.map(({ name }) => name).toSorted());
  });

  it('come from the environment where no flag is given', async () => {
    const env = { PASSMACHINE_SECRET_TOKEN: 'from-env', BLOOMREACH_API_SECRET: 'ignored' };
    const answers = await firstAnswers({ flags: { ...flags, 'passmachine-secret-token': undefined }, env });
    expect(answers.get('passmachine-secret-token')).toBe('from-env');
    expect(answers.get('bloomreach-api-secret')).toBe('hidden');
    expect(answers.get('passmachine-url')).toBe('https://api.passmachine.cz');
  });

  it('that are missing or wrong are all named where nobody can be asked, and not quoted', async () => {
    const wrong = {
      ...flags,
      card: 'boat',
      'bloomreach-url': 'hunter2',
      'template-id': ' ',
      'bloomreach-api-secret': '\'"`',
    };
    const failed = await firstAnswers({ flags: wrong, env: {} }).catch((error: unknown) => String(error));
    expect(failed).toContain('4 problems');
    expect(failed).toMatch(/--template-id is missing/);
    expect(failed).toMatch(/--card must be one of loyalty, /);
    expect(failed).toMatch(/--bloomreach-url \(or BLOOMREACH_URL in the environment\) must/);
    expect(failed).toMatch(/--bloomreach-api-secret .*kinds of quotes/);
    expect(failed).not.toMatch(/hunter2|boat/);
  });

  it('are asked for, secrets unseen, again until they can be read; blank takes what is offered', async () => {
    const typed = [
      '',
      'a-1',
      'pub',
      'sec',
      '',
      't-1',
      'boat',
      ' fan ',
      'https://x.example',
      'tok',
      'key',
      'shh',
    ];
    const { person, asked, said } = typing(typed);
    const answers = await firstAnswers({ flags: {}, env: {}, person });
    expect(answers.get('passmachine-url')).toBe('https://api.passmachine.cz');
    expect(answers.get('card')).toBe('fan');
    expect(said).toEqual(['It is missing.', expect.stringContaining('It must be one of')]);
    expect(asked.filter(({ hidden }) => hidden).map(({ question }) => question)).toEqual([
      'Public token of that account: ',
      'Secret token of that account: ',
      'Token of the Bloomreach project: ',
      'Id of a private API key of that project: ',
      'Secret of that key: ',
    ]);
  });

  it('that are wrong in a flag are not asked for first', async () => {
    const { person, asked } = typing([]);
    await expect(firstAnswers({ flags: { card: 'boat' }, env: {}, person })).rejects.toThrow('--card must');
    expect(asked).toEqual([]);
  });
});
