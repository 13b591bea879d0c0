/** Parses a `native_json` or `table_json` document of any length, which usually is a single line, in parts. */

import { Tokenizer, TokenizerError, TokenParser, TokenParserError } from '@streamparser/json';
import { MAX_CUSTOMER_BYTES } from '../../domain/customers/customer-limits.ts';
import { exactInteger } from '../../kit/json/exact-json.ts';
import { JsonLimitError } from '../../kit/json/json-limits.ts';
import { atRow, type CurrentRow, SourceError } from '../source-error.ts';
import { makeRowTokens, type NativeRow } from './row-tokens.ts';

/** The values completed by one chunk. */
export interface NativeJsonPart {
  /** Whether Bloomreach's export succeeded. */
  success?: unknown;
  /** The meaning of a row's cells, in order. */
  fields?: unknown;
  rows: NativeRow[];
}

/** After this many bytes without the end of a row, or of another member, the document is considered invalid. */
const MAX_OPEN_BYTES = 20 * MAX_CUSTOMER_BYTES;

/**
 * Yields parts in order, each of which may lack any member. `current` is named in errors. Throws
 * {@link SourceError} if the text is not one complete document.
 */
export async function* nativeJsonParts(
  path: string,
  text: AsyncIterable<Buffer>,
  current: CurrentRow,
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

  /** The row whose end the parser reports next. */
  let row: NativeRow | undefined;

  const rows = makeRowTokens({ outer: parser, onRow: (read) => void (row = read) });
  tokenizer.onToken = (token) => {
    tokenOffset = token.offset;
    rows.write(token);
  };
  parser.onValue = ({ value, key, stack }) => {
    valueEnd = tokenOffset;
    if (stack.length > 1) {
      part.rows.push(row ?? { value });
      row = undefined;
    } else if (key === 'fields' || key === 'header') part.fields = value;
    else part.success = value;
  };

  const refuse = (problem: string, cause?: unknown) =>
    new SourceError(`${path}${atRow(current)}: ${problem}`, { cause });

  for await (const chunk of text) {
    bytesRead += chunk.length;
    const fault = syntaxErrorOf(() => tokenizer.write(chunk));
    // The valid rows first, so that `current` has counted them.
    yield part;
    part = { rows: [] };
    if (fault !== undefined) {
      const problem =
        fault instanceof JsonLimitError
          ? `the value at byte ${tokenOffset} ${fault.message}. Remove it, or export the file again.`
          : `invalid JSON after byte ${tokenOffset}. Fix it there, or export it again.`;
      throw refuse(problem, fault);
    }
    if (bytesRead - valueEnd > MAX_OPEN_BYTES) {
      throw refuse(
        `no end within ${MAX_OPEN_BYTES} bytes. Check for a missing quote or bracket, or export it again.`,
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

const syntaxErrors = [TokenizerError, TokenParserError, JsonLimitError];

function syntaxErrorOf(parse: () => void): Error | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof Error && syntaxErrors.some((type) => error instanceof type)) return error;
    throw error;
  }
}
