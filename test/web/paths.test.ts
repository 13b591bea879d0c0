import { describe, expect, it } from 'vitest';
import { pathTo, routes } from '../../src/web/paths.ts';

describe('a link', () => {
  it('has encoded parameters', () => {
    expect(pathTo(routes.campaign, { id: 'a/b c' })).toBe('/campaigns/a%2Fb%20c');
    expect(pathTo(routes.campaignResults, { id: 'x' }, { states: 'failed,unknown' })).toBe(
      '/campaigns/x/results?states=failed%2Cunknown',
    );
    expect(pathTo(routes.failureEdit, { cause: 'A.b' }, { campaign: 'c&d', job: 'c-1' })).toBe(
      '/attention/A.b/edit-one?campaign=c%26d&job=c-1',
    );
  });

  it('leaves out empty and undefined query values', () => {
    expect(pathTo(routes.activity, {}, { by: '', target: undefined, before: 7 })).toBe('/activity?before=7');
    expect(pathTo(routes.campaigns, {}, {})).toBe('/campaigns');
  });
});
