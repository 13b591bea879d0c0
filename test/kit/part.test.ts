import { describe, expect, it } from 'vitest';
import { type Part, stopParts } from '../../src/kit/part.ts';
import { silent } from '../support/make.ts';

/** Returns parts that write down what happens to them. */
function makeParts(...stops: [name: string, stop: () => Promise<unknown>][]) {
  const events: string[] = [];
  const parts = stops.map(([name, stop]): Part => ({
    name,
    quiesce: () => void events.push(`quiesce ${name}`),
    stop: async () => {
      events.push(`stop ${name}`);
      await stop();
      events.push(`stopped ${name}`);
    },
  }));
  return { events, parts };
}

const atOnce = async () => {};
const never = () => new Promise(() => {});

describe('stopParts', () => {
  it('quiesces every part before it stops the first, in reverse order of start', async () => {
    const { events, parts } = makeParts(['a', atOnce], ['b', atOnce]);
    await stopParts(parts, 1000, silent);
    expect(events).toEqual(['quiesce a', 'quiesce b', 'stop b', 'stopped b', 'stop a', 'stopped a']);
  });

  it('stops the other parts if one rejects, throws or hangs', async () => {
    const { events, parts } = makeParts(
      ['first', atOnce],
      ['hangs', never],
      ['rejects', () => Promise.reject(new Error('no'))],
    );
    const throws: Part = {
      name: 'throws',
      quiesce() {
        throw new Error('no');
      },
      stop() {
        throw new Error('no');
      },
    };
    await stopParts([...parts, throws], 50, silent);
    expect(events).toContain('stopped first');
    expect(events.slice(0, 3)).toEqual(['quiesce first', 'quiesce hangs', 'quiesce rejects']);
  });
});
