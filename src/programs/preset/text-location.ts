/** Places of a text as people find them: lines and columns, counted from 1. */

export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

export function columnAt(text: string, at: number): number {
  return at === 0 ? 1 : at - text.lastIndexOf('\n', at - 1);
}

/** `line 3, column 7` */
export function placeOf(text: string, at: number): string {
  return `line ${lineAt(text, at)}, column ${columnAt(text, at)}`;
}
