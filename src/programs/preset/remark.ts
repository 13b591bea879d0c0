/** What is said about a line of a pasted file: what was left out, or what is wrong. */

export interface Remark {
  /** Counted from 1. */
  line: number;
  text: string;
}

/** `line 4: header X-Timestamp: …`, in the order of the lines, each once. */
export function describeRemarks(remarks: readonly Remark[]): string[] {
  const lines = remarks.toSorted((a, b) => a.line - b.line).map(({ line, text }) => `line ${line}: ${text}`);
  return [...new Set(lines)];
}
