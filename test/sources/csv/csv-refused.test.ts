import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../refusal-of.ts';
import { makeFileWriter } from '../written-file.ts';

const write = makeFileWriter();

/** Windows-1250 for "Řehoř". */
const rehor = Buffer.from('d865686ff8', 'hex');
const filler = 'c-1,Žofie\n'.repeat(10_000);
const random = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919 + 13) % 256));
const quoteRemedy = 'Double every quote inside a quoted cell ("") and end the cell with a single one.';

const contents: [string, string | Uint8Array, string][] = [
  ['nothing', '', ' is empty. Export it again.'],
  ['only a byte order mark', '\uFEFF', ' is empty. Export it again.'],
  ['only blank lines', '\n \r\n\n', ' is empty. Export it again.'],
  ['gzip of nothing', gzipSync(''), ' is empty. Export it again.'],
  ['a header alone', 'registered,name\n\n', ' has a header and no rows. Export it again.'],
  [
    'incomplete gzip',
    gzipSync(`registered,name\n${filler}`).subarray(0, -20),
    ' is an incomplete gzip file. Copy or download it again.',
  ],
  [
    'damaged gzip',
    Buffer.concat([gzipSync(filler).subarray(0, 20), random]),
    ' is a damaged gzip file. Copy or download it again.',
  ],
  [
    'a workbook',
    Buffer.from('PK\u0003\u0004\u0014\u0000'),
    ' is a zip archive or an Excel workbook, not CSV. Unpack it, or save the sheet as "CSV UTF-8".',
  ],
  [
    'an old workbook',
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    ' is an old Excel workbook, not CSV. Save the sheet as "CSV UTF-8".',
  ],
  [
    'UTF-16',
    Buffer.from('\uFEFFregistered\nc-1\n', 'utf16le'),
    ' is not UTF-8. It is probably utf-16. Save it as UTF-8, or confirm the encoding.',
  ],
  [
    'UTF-16 without a mark',
    Buffer.from('registered\nc-1\n', 'utf16le'),
    ' is not UTF-8. It is probably utf-16. Save it as UTF-8, or confirm the encoding.',
  ],
  ['something binary', random, ' is not a text file: it contains a NUL byte. Export it as CSV in UTF-8.'],
  [
    'old Mac line ends',
    'registered,name\rc-1,A\r',
    " has the line ends of old Macs (CR alone). Convert it: tr '\\r' '\\n' < OLD.csv > NEW.csv",
  ],
  [
    'windows-1250',
    Buffer.concat([Buffer.from('registered,name\nc-1,A\nc-2,'), rehor, Buffer.from('\n')]),
    ' line 3 row 2: the byte 0xd8 is not UTF-8. It is probably windows-1250. Save it as UTF-8, or confirm the encoding.',
  ],
  [
    'windows-1250 far below',
    Buffer.concat([Buffer.from(`registered,name\n${filler}c-2,`), rehor, Buffer.from(`\n${filler}`)]),
    ' line 10002 row 10001: the byte 0xd8 is not UTF-8, unlike the letters above it. Correct that line, or export the file again.',
  ],
  [
    'half a character at its end',
    Buffer.from('registered,name\nc-1,ž').subarray(0, -1),
    ' line 2 row 1: the byte 0xc5 is not UTF-8. It is probably windows-1250. Save it as UTF-8, or confirm the encoding.',
  ],
  ['no id column', 'Name;City\nA;Brno\n', ' has no id column named registered. It has Name, City.'],
  [
    'a misspelt id column',
    'name,Registred\nA,c-1\n',
    ' has no id column named registered. It has name, Registred. If Registred is the id, rename it to registered.',
  ],
  [
    'many columns and no id among them',
    `${Array.from({ length: 40 }, (_, i) => `c${i + 1}`).join(',')}\n1\n`,
    ' has no id column named registered. It has c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12 and 28 more.',
  ],
  [
    'a column twice',
    'registered,email,name,email \nc-1,a,b,c\n',
    ': columns 2 and 4 are both named email. Rename or remove one.',
  ],
  [
    'a column without a name',
    'registered,,name\nc-1,a,b\n',
    ': column 2 has no name. Name it in the header, or remove it.',
  ],
  [
    'a delimiter at the end of the header',
    'registered,name,\nc-1,a,\n',
    ': column 3 has no name. Name it in the header, or remove it.',
  ],
  [
    'a column named __proto__',
    'registered,__proto__\nc-1,a\n',
    ': column 2 must not be named __proto__. Rename it.',
  ],
  [
    'a quote never closed',
    'registered,name,city\r\nc-1,"A\r\nB","Brno\r\nc-2,B,Zlín\r\n',
    ` line 3: the quote that opens cell 3 is never closed. ${quoteRemedy}`,
  ],
  [
    'a quote never closed, far from the end',
    `registered,name\n${filler}c-2,"B\n${filler.repeat(12)}`,
    ` line 10002: the quote that opens cell 2 is never closed. ${quoteRemedy}`,
  ],
  [
    'a quote never closed as its last byte',
    'registered,name\nc-1,A\n"',
    ` line 3: the quote that opens cell 1 is never closed. ${quoteRemedy}`,
  ],
  [
    'a quote never closed in the header',
    'registered,"name\nc-1,A\n',
    ` line 1: the quote that opens cell 2 is never closed. ${quoteRemedy}`,
  ],
  [
    'a quote that would silently swallow a customer',
    'registered,name,city\nc-1,A,Brno\nc-2,"B,Zlín\nc-3,"C",Praha\nc-4,D,Plzeň\n',
    ` line 3: the quote that opens cell 2 is closed in the middle of its cell. ${quoteRemedy}`,
  ],
  [
    'another encoding in its header',
    Buffer.concat([Buffer.from('registered,'), rehor, Buffer.from('\nc-1,A\n')]),
    ' line 1: the byte 0xd8 is not UTF-8. It is probably windows-1250. Save it as UTF-8, or confirm the encoding.',
  ],
  [
    'a header without an end',
    'registered,name'.repeat(100_000),
    ' line 1: the header is longer than 262144 bytes. Check that this is the right file.',
  ],
];

describe('refuses a file, naming location and remedy, with', () => {
  it.each(contents)('%s', async (_, content, message) => {
    const path = await write('customers.csv', content);
    expect(await refusalOf(path)).toBe(`${path}${message}`);
  });

  it('none of several id types', async () => {
    const path = await write('customers.csv', 'name,cooky\nA,k-1\n');
    expect(await refusalOf(path, ['registered', 'cookie'])).toBe(
      `${path} has no id column named registered or cookie. It has name, cooky. If cooky is the id, rename it to cookie.`,
    );
  });
});

describe('refuses a path that', () => {
  it('does not exist', async () => {
    expect(await refusalOf('/nowhere/customers.csv')).toBe(
      '/nowhere/customers.csv does not exist. Check the path.',
    );
  });

  it('is a folder', async () => {
    const folder = dirname(await write('customers.csv', ''));
    expect(await refusalOf(folder)).toBe(`${folder} is a folder. Name the file in it.`);
  });

  it('is not a regular file', async () => {
    expect(await refusalOf('/dev/null')).toBe(
      '/dev/null is not a regular file. Save its content to one first.',
    );
  });

  // Root can read everything.
  it.skipIf(process.getuid?.() === 0)('cannot be read', async () => {
    const path = await write('secret.csv', 'registered\nc-1\n');
    await chmod(path, 0);
    expect(await refusalOf(path)).toBe(`${path} cannot be read by this user. Change its permissions.`);
  });
});
