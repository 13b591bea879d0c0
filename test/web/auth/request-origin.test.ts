import { expect, it } from 'vitest';
import { localPath } from '../../../src/web/auth/request-origin.ts';

it.each([
  ['/campaigns?page=2', '/campaigns?page=2'],
  ['/campaigns/../customers', '/customers'],
  ['/customers?q=//evil.example', '/customers?q=//evil.example'],
])('keeps the local path %s', (to, path) => {
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
  // These become paths that start with // once their dots are resolved.
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  '/./\\evil.example',
  '/x/../\\/evil.example',
  '/..///evil.example',
])('replaces a path to another site: %s', (to) => {
  const path = localPath(to);
  expect(new URL(path, 'https://cards.example.com').origin).toBe('https://cards.example.com');
  expect(path).toBe('/');
});
