/** The bytes that were pasted, as text, or why they cannot be: a preset is a few kilobytes of UTF-8. */

/** Far more than any preset. More need not be read to know. */
export const MOST_BYTES = 65_536;

type PastedText = { ok: true; text: string } | { ok: false; problem: string };

/** Line ends become `\n`; a byte order mark is dropped. */
export function readPastedText(bytes: Uint8Array): PastedText {
  if (bytes.length > MOST_BYTES) {
    return refuse('is larger than 64 kB, and a preset has a few: paste the preset alone');
  }
  // Word processors and archives hold NUL; no text does.
  if (bytes.includes(0)) return refuse('is not a text file: paste the preset into a plain text file');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('is not UTF-8 text: save it as UTF-8, e.g. with iconv');
  }
  if (text.trim() === '') return refuse('is empty: paste the preset, or only its JSON, into it');
  return { ok: true, text: text.replace(/\r\n?/g, '\n') };
}

function refuse(problem: string): PastedText {
  return { ok: false, problem };
}
