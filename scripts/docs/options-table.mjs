/** Writes the table of campaign options into docs/campaigns.md, between two markers. */

const START = '<!-- options: written by npm run docs -->';
const END = '<!-- /options -->';

/**
 * Returns the page with its table replaced. `options` are the exports of campaign-options.js, `actions` the
 * campaign actions. Throws if the page lacks the markers.
 */
export function withOptionsTable(page, { options, actions }) {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`docs/campaigns.md needs ${START} and ${END}`);
  const rows = options.optionKeys.map(
    (key) => `| ${cellsOf(key, options, actions).map(escaped).join(' | ')} |\n`,
  );
  const table = `| Flag | In a schedule | Actions | What it does |\n| --- | --- | --- | --- |\n${rows.join('')}`;
  return `${page.slice(0, start + START.length)}\n\n${table}\n${page.slice(end)}`;
}

function cellsOf(key, { appliesTo, flagOf, guardKeys, specOf }, actions) {
  const { kind, example, help, needs, excludes, afterStart, notInSchedules } = specOf(key);
  const applicable = actions.filter((action) => appliesTo(key, action));
  return [
    `\`${flagOf(key)}${example === undefined ? '' : ` ${quoted(example)}`}\``,
    notInSchedules === true
      ? '–'
      : `\`${guardKeys.includes(key) ? 'guards.' : ''}${key}: ${kind === 'switch' ? 'true' : (afterStart ?? { example }).example}\``,
    applicable.length === actions.length ? 'all' : applicable.map((action) => `\`${action}\``).join(', '),
    [
      help,
      ...(afterStart === undefined ? [] : [`In a schedule: ${afterStart.help}`]),
      ...(needs === undefined ? [] : [`Needs \`${flagOf(needs)}\`.`]),
      ...(excludes === undefined ? [] : [`Not together with \`${flagOf(excludes)}\`.`]),
    ].join(' '),
  ];
}

/** Quotes an example if a shell requires it. */
function quoted(example) {
  return /[\s{|]/.test(example) ? `"${example}"` : example;
}

function escaped(cell) {
  return cell.replaceAll('|', String.raw`\|`);
}
