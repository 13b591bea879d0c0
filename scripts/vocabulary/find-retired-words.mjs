/** Finds retired words in a file: in its path, identifiers, comments, texts and, in docs, everywhere. */

import { namesMayAppear, retiredNames, retiredPhrases, retiredWords } from './retired-words.mjs';

/**
 * @typedef {object} Finding
 * @property {string} location `file:line`, or `file` for a word in its path.
 * @property {string} found
 * @property {string} use The term to use instead.
 */

const CODE = /\.(tsx?|mjs|cjs)$/;

/** @type {Map<string, import('./retired-words.mjs').RetiredWord>} */
const rows = new Map(
  retiredWords.flatMap((row) => row.words.split(' ').map((word) => [word.toLowerCase(), row])),
);

/** Matches strings and comments. The rest of a code file is identifiers, keywords and punctuation. */
const TEXT = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
/** Matches the text between two tags or expressions of JSX, but no arrow function and no type arguments. */
const JSX_TEXT = /(?<![=-])>(?:[^<>{}=;:|()]|:(?=\s*<))*(?=[<{])/g;

/**
 * Returns the findings in a file, in the order of its lines.
 * @param {string} file Path from the root of the repository.
 * @param {string} text
 * @returns {Finding[]}
 */
export function findRetiredWords(file, text) {
  const isCode = CODE.test(file);
  const code = isCode ? identifiersOnly(file, text).split('\n') : [];
  const path = wordsOf(file).flatMap((word) =>
    wordFinding(file, word, { file, line: '', isIdentifier: true }),
  );
  const inText = text.split('\n').flatMap((line, index) => {
    const location = `${file}:${index + 1}`;
    const names = namesMayAppear.some((pattern) => pattern.test(file)) ? [] : namesIn(line, location);
    const phrases = [...retiredPhrases]
      .filter(([phrase]) => new RegExp(`\\b${phrase}\\b`, 'i').test(line))
      .map(([phrase, use]) => ({ location, found: phrase, use }));
    const identifiers = new Set(wordsOf(code[index] ?? ''));
    const words = [...new Set(wordsOf(withoutNames(line)))].flatMap((word) =>
      wordFinding(location, word, { file, line, isIdentifier: identifiers.has(word) }),
    );
    return names.concat(phrases, words);
  });
  return path.concat(inText);
}

function namesIn(line, location) {
  return [...retiredNames]
    .filter(([name]) => line.includes(name))
    .map(([name, use]) => ({ location, found: name, use }));
}

function withoutNames(line) {
  return [...retiredNames.keys()].reduce((rest, name) => rest.replaceAll(name, ''), line);
}

/** @returns {Finding[]} */
function wordFinding(location, word, { file, line, isIdentifier }) {
  const row = rows.get(word.toLowerCase());
  if (row === undefined || row.except?.test(line) === true) return [];
  if (row.exceptFiles?.test(file) === true || (row.in === 'identifiers' && !isIdentifier)) return [];
  return [{ location, found: word, use: row.use }];
}

/** Blanks strings, comments and JSX text and keeps the line breaks. Expressions in templates are kept. */
function identifiersOnly(file, text) {
  const code = text.replaceAll(TEXT, (found) =>
    found.startsWith('`')
      ? found
          .split(/(\$\{[^}]*)/)
          .map((part) => (part.startsWith('${') ? part : blank(part)))
          .join('')
      : blank(found),
  );
  return file.endsWith('.tsx') ? code.replaceAll(JSX_TEXT, blank) : code;
}

function blank(text) {
  return text.replaceAll(/[^\n]/g, ' ');
}

/**
 * Returns the words of an identifier or a sentence: `maxRingsPerDay` has four.
 * @param {string} line
 */
function wordsOf(line) {
  return (
    line
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
      .match(/[A-Za-z]+/g) ?? []
  );
}
