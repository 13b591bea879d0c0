/** One environment variable: what it is called, how its text is read and what it is for. */

type Reading<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Turns a text that is not blank into a value; a problem reads on from the name: "PORT must be …". */
export type Reader<T> = (text: string) => Reading<T>;

export interface Setting<T> {
  read: Reader<T>;
  /** Text that is read where the environment has none; absent: the setting is optional. */
  fallback?: string;
  /** One or two sentences for the documentation; units included. */
  about: string;
  /** Never printed. */
  secret: boolean;
}

/** A setting with a default. */
export function setting<T>(read: Reader<T>, fallback: string, about: string): Setting<T> {
  return { read, fallback, about, secret: false };
}

/** A setting that may be absent. */
export function optional<T>(read: Reader<T>, about: string): Setting<T | undefined> {
  return { read, about, secret: false };
}

/** A setting that may be absent and is never printed. */
export function secret<T>(read: Reader<T>, about: string): Setting<T | undefined> {
  return { read, about, secret: true };
}
