import type { Problem } from './problem.ts';

/** The three ways a parser can end. A short buffer is no error: `need-more` asks for more bytes. */
export type Parsed<T> = Done<T> | NeedMore | Malformed;

export interface Done<T> {
  readonly kind: 'done';
  readonly value: T;
  /** Offset of the first byte behind what was read. */
  readonly end: number;
}

export interface NeedMore {
  readonly kind: 'need-more';
  /** How many bytes, counted from where the parser began, would let it go further. A lower bound. */
  readonly atLeast: number;
}

export interface Malformed {
  readonly kind: 'malformed';
  readonly problem: Problem;
}

export function done<T>(value: T, end: number): Done<T> {
  return { kind: 'done', value, end };
}

export function needMore(atLeast: number): NeedMore {
  return { kind: 'need-more', atLeast };
}

export function malformed(code: string, message: string, offset?: number): Malformed {
  return { kind: 'malformed', problem: offset === undefined ? { code, message } : { code, message, offset } };
}
