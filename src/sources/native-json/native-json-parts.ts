/** Parses a `native_json` or `table_json` document of any length, which usually is a single line, in parts. */

import { Tokenizer, TokenizerError, TokenParser, TokenParserError } from '@streamparser/json';
import { exactInteger } from '../../kit/json/exact-json.ts';
import { atRow, type CurrentRow, SourceError } from '../source-error.ts';
import { MAX_ROW_BYTES } from '../source-format.ts';

/** The values completed by one chunk. */
export interface NativeJsonPart {
  /** Whether Bloomreach's export succeeded. */
  success?: unknown;
  /** The meaning of a row's cells, in order. */
  fields?: unknown;
  rows: NativeRow[];
}

/** The cells as parsed; absent if the row is too long. */
export interface NativeRow {
  value?: unknown;
}

/**
 * A row is kept whole, even one of more than {@link MAX_ROW_BYTES}, to find its end. After this many
 * bytes without an end the document is considered invalid.
 */
const MAX_KEPT_BYTES = 20 * MAX_ROW_BYTES;

/**
 * Yields parts in order, each of which may lack any member. `row` is named in errors. Throws
 * {@link SourceError} if the text is not one complete document.
 */
export async function* nativeJsonParts(
  path: string,
  text: AsyncIterable<Buffer>,
  row: CurrentRow,
): AsyncGenerator<NativeJsonPart> {
  const tokenizer = new ExactTokenizer();
  const parser = new TokenParser({
    paths: ['$.success', '$.fields', '$.data.*', '$.header', '$.rows.*'],
    keepStack: false,
  });
  let part: NativeJsonPart = { rows: [] };
  let bytesRead = 0;
  /** Offsets of the current token and of the one that ended the last value. */
  let tokenOffset = 0;
  let valueEnd = 0;

  tokenizer.onToken = (token) => {
    tokenOffset = token.offset;
    parser.write(token);
  };
  parser.onValue = ({ value, key, stack }) => {
    const size = tokenOffset - valueEnd;
    valueEnd = tokenOffset;
    if (stack.length > 1) part.rows.push(size > MAX_ROW_BYTES ? {} : { value });
    else if (key === 'fields' || key === 'header') part.fields = value;
    else part.success = value;
  };

  const refuse = (problem: string, cause?: unknown) =>
    new SourceError(`${path}${atRow(row)}: ${problem}`, { cause });

  for await (const chunk of text) {
    bytesRead += chunk.length;
    const fault = syntaxErrorOf(() => tokenizer.write(chunk));
    // The valid rows first, so that `row` has counted them.
    yield part;
    part = { rows: [] };
    if (fault !== undefined) {
      throw refuse(`invalid JSON after byte ${tokenOffset}. Fix it there, or export it again.`, fault);
    }
    if (bytesRead - valueEnd > MAX_KEPT_BYTES) {
      throw refuse(
        `no end within ${MAX_KEPT_BYTES} bytes. Check for a missing quote or bracket, or export it again.`,
      );
    }
  }
  if (!parser.isEnded) throw refuse('the file is incomplete. Copy or download it again.');
}

/** Keeps the digits of a long whole number as text, which the parser passes on like any other value. */
class ExactTokenizer extends Tokenizer {
  protected override parseNumber(numeral: string): number {
    return (/^-?\d{16,}$/.test(numeral) ? exactInteger(numeral) : Number(numeral)) as number;
  }
}

function syntaxErrorOf(parse: () => void): Error | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof TokenizerError || error instanceof TokenParserError) return error;
    throw error;
  }
}
