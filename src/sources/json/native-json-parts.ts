/** Bloomreach's `native_json` in parts, from a document of any length, which is usually one line. */

import { Tokenizer, TokenizerError, TokenParser, TokenParserError } from '@streamparser/json';
import { atRow, type RowAtHand, SourceError } from '../source-error.ts';
import { LONGEST_ROW } from '../unreadable-row.ts';

/** What has come of the document since the chunk before. */
export interface NativeJsonPart {
  /** Whether Bloomreach could export at all. */
  success?: unknown;
  /** What the cells of a row mean, in order. */
  fields?: unknown;
  rows: NativeRow[];
}

/** Cells as they are; absent where the row is too long. */
export interface NativeRow {
  value?: unknown;
}

/**
 * A row is held whole, even one of more than {@link LONGEST_ROW} bytes, to find where it ends.
 * Behind so many bytes without an end the document is broken rather than the row long.
 */
const LONGEST_HELD = 20 * LONGEST_ROW;

/**
 * Parts in order, each of which may lack anything. `row` tells which row is being read, for an error
 * to name. Throws {@link SourceError} where the text is not one whole document.
 */
export async function* nativeJsonParts(
  path: string,
  text: AsyncIterable<Buffer>,
  row: RowAtHand,
): AsyncGenerator<NativeJsonPart> {
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: ['$.success', '$.fields', '$.data.*'], keepStack: false });
  let part: NativeJsonPart = { rows: [] };
  let read = 0;
  /** Offsets of the token at hand and of the one that ended the last value. */
  let at = 0;
  let ended = 0;

  tokenizer.onToken = (token) => {
    at = token.offset;
    parser.write(token);
  };
  parser.onValue = ({ value, key, stack }) => {
    const size = at - ended;
    ended = at;
    if (stack.length > 1) part.rows.push(size > LONGEST_ROW ? {} : { value });
    else if (key === 'fields') part.fields = value;
    else part.success = value;
  };

  const refuse = (what: string, cause?: unknown) =>
    new SourceError(`${path}${atRow(row)}: ${what}`, { cause });

  for await (const chunk of text) {
    read += chunk.length;
    const fault = faultIn(() => tokenizer.write(chunk));
    // First what is sound, so that whoever counts the rows knows which one is not.
    yield part;
    part = { rows: [] };
    if (fault !== undefined) {
      throw refuse(`the JSON is broken behind byte ${at}. Mend it there, or export it again.`, fault);
    }
    if (read - ended > LONGEST_HELD) {
      throw refuse(`no end within ${LONGEST_HELD} bytes. Is a quote or bracket missing? Export it again.`);
    }
  }
  if (!parser.isEnded) throw refuse('the file ends too early. Copy or download it again.');
}

function faultIn(parse: () => void): Error | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof TokenizerError || error instanceof TokenParserError) return error;
    throw error;
  }
}
