import { describe, expect, it } from 'vitest';
import type { Campaign } from '../../../src/domain/campaigns/campaign.ts';
import { counterNote } from '../../../src/domain/presentation/counter-notes.ts';

const noteOf = (state: Parameters<typeof counterNote>[1], counters: Partial<Campaign>) =>
  counterNote(counters as Campaign, state);

describe('counterNote', () => {
  it('says how many cards were written back', () => {
    const saved = { done: 3, writeBacks: 1200, writtenBack: 1150, writeBackFailures: 0 };
    expect(noteOf('done', saved)).toBe('saved to Bloomreach: 1,150 of 1,200');
    expect(noteOf('done', { ...saved, writeBackFailures: 2 })).toBe(
      'saved to Bloomreach: 1,150 of 1,200 (2 failed)',
    );
    expect(noteOf('done', { ...saved, writeBacks: 0 })).toBe('');
  });

  it('lists the reasons of skipped rows, the most frequent first', () => {
    const skipped = { skipped: 5, skippedFor: { duplicate: 1, 'has-card': 4 } } as const;
    expect(noteOf('skipped', skipped)).toMatch(/^4 .*card.*; 1 .*campaign$/);
  });

  it('explains only states with rows', () => {
    expect(noteOf('unknown', { unknown: 1 })).toContain('the card may exist');
    expect(noteOf('unknown', { unknown: 0 })).toBe('');
    expect(noteOf('pending', { pending: 9 })).toBe('');
    expect(noteOf('pending', { pending: 9, status: 'stopped' })).toBe(
      'in flight, or being taken out of the queue',
    );
  });
});
