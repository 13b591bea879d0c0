/** Card ids as part of the address of a call. Passmachine does not document their shape. */

/** Characters of a card id. */
export const MAX_PASS_ID_LENGTH = 200;

/** Percent-encoding may be nested, because gateways decode an address once more; deeper nesting is refused. */
const MAX_ENCODINGS = 3;

/**
 * Returns what keeps a card id out of an address, as the end of a sentence; undefined for a safe one. `.` and `..` name
 * other resources (RFC 3986, 5.2.4), and so does an id with a slash, also after percent-decoding. An empty id names the
 * list of all cards. An unpaired surrogate cannot be encoded.
 */
export function unsafePassId(passId: string): string | undefined {
  if (passId.trim() === '') return 'is empty';
  if (/\p{Cs}/u.test(passId)) return 'has half of a character, an unpaired surrogate';
  if (passId.length > MAX_PASS_ID_LENGTH) {
    return `has ${passId.length} characters; the longest card id has ${MAX_PASS_ID_LENGTH}`;
  }
  let decoded = passId;
  for (let encodings = 0; ; encodings += 1) {
    if (/^\s*\.{1,2}\s*$/.test(decoded)) return 'is a dot segment, which names another address';
    if (/[/\\]/.test(decoded)) return 'has a slash, which names another address';
    if (/\p{Cc}/u.test(decoded)) return 'has a control character';
    const next = decodeOnce(decoded);
    if (next === decoded) return undefined;
    if (encodings === MAX_ENCODINGS) return 'is percent-encoded several times';
    decoded = next;
  }
}

/** Decodes only what decides about a path; anything else stays as it is, also if it is malformed. */
function decodeOnce(text: string): string {
  return text.replaceAll(/%([01][\da-f]|2e|2f|5c|25|7f)/gi, (_, hex: string) =>
    String.fromCodePoint(parseInt(hex, 16)),
  );
}
