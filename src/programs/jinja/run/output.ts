/** What a template prints. */

import { PyError } from '../../python/py-error.ts';

/** Characters per render. */
export const MAX_OUTPUT = 1_000_000;

export class Output {
  private readonly pieces: string[] = [];
  private length = 0;

  write(text: string): void {
    this.length += text.length;
    if (this.length > MAX_OUTPUT) throw new PyError('limit', `printed more than ${MAX_OUTPUT} characters`);
    this.pieces.push(text);
  }

  get text(): string {
    return this.pieces.join('');
  }
}
