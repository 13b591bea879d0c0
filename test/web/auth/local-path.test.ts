import { expect, it } from 'vitest';
import { localPath } from '../../../src/web/auth/local-path.ts';

it.each([
  ['/campaigns?page=2', '/campaigns?page=2'],
  ['/campaigns/../people', '/customers'],
  ['/customers?q=//evil.example', '/customers?q=//evil.example'],
])('leads to %s', (to, path) => {
  expect(localPath(to)).toBe(path);
});

it.each([
  undefined,
  '',
  'campaigns',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  ' //evil.example',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  // What is left of these once dots are taken out of the path.
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  '/./\\evil.example',
  '/x/../\\/evil.example',
  '/..///evil.example',
])('never leads away: %s', (to) => {
  const path = localPath(to);
  expect(new URL(path, 'https://cards.example.com').origin).toBe('https://cards.example.com');
  expect(path).toBe('/');
});
