import { describe, expect, it } from 'vitest';
import { collectAnswers } from '../../../src/cli/prompt/init-answers.ts';
import { questions } from '../../../src/cli/prompt/init-questions.ts';

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

/** A terminal at which the operator types these lines. */
function terminalWith(lines: string[]) {
  const prompts: { question: string; hidden: boolean }[] = [];
  const printed: string[] = [];
  const terminal = {
    ask: async (question: string, { hidden }: { hidden: boolean }) => {
      prompts.push({ question, hidden });
      return lines.shift() ?? '';
    },
    say: (line: string) => void printed.push(line),
  };
  return { terminal, prompts, printed };
}

describe('collectAnswers', () => {
  it('takes answers from flags without asking', async () => {
    const { terminal, prompts } = terminalWith([]);
    const answers = await collectAnswers({
      flags: { ...flags, 'passmachine-url': 'http://127.0.0.1' },
      env: {},
      terminal,
    });
    expect(prompts).toEqual([]);
    expect(answers.get('bloomreach-url')).toBe('https://api.exponea.com');
    expect([...answers.keys()].toSorted()).toEqual(questions.map(({ name }) => name).toSorted());
  });

  it('takes answers from the environment if no flag is given', async () => {
    const env = { PASSMACHINE_SECRET_TOKEN: 'from-env', BLOOMREACH_API_SECRET: 'ignored' };
    const answers = await collectAnswers({ flags: { ...flags, 'passmachine-secret-token': undefined }, env });
    expect(answers.get('passmachine-secret-token')).toBe('from-env');
    expect(answers.get('bloomreach-api-secret')).toBe('hidden');
    expect(answers.get('passmachine-url')).toBe('https://api.passmachine.cz');
  });

  it('reports every missing or invalid answer without quoting it if it cannot ask', async () => {
    const wrong = {
      ...flags,
      card: 'boat',
      'bloomreach-url': 'hunter2',
      'template-id': ' ',
      'bloomreach-api-secret': '\'"`',
    };
    const failed = await collectAnswers({ flags: wrong, env: {} }).catch((error: unknown) => String(error));
    expect(failed).toContain('4 problems');
    expect(failed).toMatch(/--template-id is missing/);
    expect(failed).toMatch(/--card must be one of loyalty, /);
    expect(failed).toMatch(/--bloomreach-url \(or BLOOMREACH_URL in the environment\) must/);
    expect(failed).toMatch(/--bloomreach-api-secret .*kinds of quotes/);
    expect(failed).not.toMatch(/hunter2|boat/);
  });

  it('asks until an answer is valid, hides secrets, and takes the default for a blank line', async () => {
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
    const { terminal, prompts, printed } = terminalWith(typed);
    const answers = await collectAnswers({ flags: {}, env: {}, terminal });
    expect(answers.get('passmachine-url')).toBe('https://api.passmachine.cz');
    expect(answers.get('card')).toBe('fan');
    expect(printed).toEqual(['The value is missing.', expect.stringContaining('The value must be one of')]);
    expect(prompts.filter(({ hidden }) => hidden).map(({ question }) => question)).toEqual([
      'Public token of the account: ',
      'Secret token of the account: ',
      'Token of the Bloomreach project: ',
      'Id of a private API key of the project: ',
      'Secret of that key: ',
    ]);
  });

  it('reports an invalid flag before it asks', async () => {
    const { terminal, prompts } = terminalWith([]);
    await expect(collectAnswers({ flags: { card: 'boat' }, env: {}, terminal })).rejects.toThrow(
      '--card must',
    );
    expect(prompts).toEqual([]);
  });
});
