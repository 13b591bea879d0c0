/**
 * Separates the rows of a document from the structure around them, token by token. A row is parsed on its own, so that
 * one that is too long or too deep is dropped as soon as that is known, and costs no memory until its end.
 */

import { type Tokenizer, TokenParser, TokenParserError, TokenType } from '@streamparser/json';
import { MAX_CUSTOMER_BYTES, MAX_CUSTOMER_DEPTH } from '../../domain/customers/customer-limits.ts';
import { JsonLimitError, MAX_JSON_DEPTH, tooDeep } from '../../kit/json/json-limits.ts';

/** The cells as parsed, or why the row was dropped. */
export type NativeRow = { value: unknown } | { dropped: 'too-long' | 'too-deep' };

type Token = Parameters<Tokenizer['onToken']>[0];

export interface RowTokens {
  /** Throws a {@link JsonLimitError} or a `TokenParserError` where the document cannot be read any further. */
  write(token: Token): void;
}

interface RowTokensOptions {
  /** Receives the document with `null` in place of each row that is a list or an object. */
  outer: Pick<TokenParser, 'write'>;
  /** Receives such a row, before `outer` receives its `null`. */
  onRow: (row: NativeRow) => void;
}

/** Members of the document that contain rows. */
const ROW_LISTS: ReadonlySet<unknown> = new Set(['data', 'rows']);
/** Depth at which a row begins: in the list, which is in the document. */
const ROW_DEPTH = 2;

const closing = new Map<TokenType, TokenType>([
  [TokenType.LEFT_BRACKET, TokenType.RIGHT_BRACKET],
  [TokenType.LEFT_BRACE, TokenType.RIGHT_BRACE],
]);

interface OpenRow {
  /** Offset of its first byte. */
  start: number;
  /** Its value once it is complete. */
  value?: unknown;
  dropped?: 'too-long' | 'too-deep';
}

export function makeRowTokens({ outer, onRow }: RowTokensOptions): RowTokens {
  /** Brackets that are still to come, down to the deepest allowed level. */
  const expected: TokenType[] = [];
  let depth = 0;
  /** The last text in the document itself: where a list opens, the name of its member. */
  let member: unknown;
  let isInRows = false;
  let row: OpenRow | undefined;
  let parser = makeRowParser();

  function makeRowParser(): TokenParser {
    const made = new TokenParser({ paths: ['$'], keepStack: false, separator: '' });
    made.onValue = ({ value }) => {
      if (row !== undefined) row.value = value;
    };
    return made;
  }

  const drop = (why: 'too-long' | 'too-deep') => {
    if (row === undefined || row.dropped !== undefined) return;
    row.dropped = why;
    parser = makeRowParser();
  };

  const open = (token: TokenType) => {
    depth += 1;
    if (row === undefined && depth > MAX_JSON_DEPTH) throw new JsonLimitError(tooDeep(MAX_JSON_DEPTH));
    if (row !== undefined && depth - ROW_DEPTH > MAX_CUSTOMER_DEPTH) return drop('too-deep');
    expected[depth] = closing.get(token) ?? token;
  };

  const close = (token: TokenType) => {
    const isTooDeep = row !== undefined && depth - ROW_DEPTH > MAX_CUSTOMER_DEPTH;
    // The parser does not see the brackets of a dropped row.
    if (!isTooDeep && row?.dropped !== undefined && expected[depth] !== token) {
      throw new TokenParserError(`Unexpected ${TokenType[token]}`);
    }
    depth -= 1;
  };

  return {
    write(info) {
      const { token, offset } = info;
      const isOpening = closing.has(token);
      if (isInRows && row === undefined && depth === ROW_DEPTH && isOpening) row = { start: offset };
      if (row === undefined) {
        if (depth === 1 && token === TokenType.STRING) member = info.value;
        if (isOpening) {
          isInRows ||= depth === 1 && token === TokenType.LEFT_BRACKET && ROW_LISTS.has(member);
          open(token);
        } else if (isClosing(token)) {
          depth -= 1;
          isInRows &&= depth >= ROW_DEPTH;
        }
        outer.write(info);
        return;
      }
      if (offset - row.start >= MAX_CUSTOMER_BYTES) drop('too-long');
      if (isOpening) open(token);
      else if (isClosing(token)) close(token);
      if (row.dropped === undefined) parser.write(info);
      if (depth > ROW_DEPTH) return;
      const { dropped, value } = row;
      row = undefined;
      onRow(dropped === undefined ? { value } : { dropped });
      outer.write({ token: TokenType.NULL, value: null });
    },
  };
}

function isClosing(token: TokenType): boolean {
  return token === TokenType.RIGHT_BRACKET || token === TokenType.RIGHT_BRACE;
}
