import { LIMITS } from './limits.ts';
import type { Problem } from './problem.ts';

/**
 * Problems of one object, at most `LIMITS.problems` of them. Further ones are only counted, in a last entry
 * `further-problems`, so that hostile input cannot fill memory with complaints about itself.
 */
export class ProblemList {
  readonly items: Problem[] = [];
  private further = 0;

  add(problem: Problem): void {
    if (this.items.length < LIMITS.problems) {
      this.items.push(problem);
      return;
    }
    this.further += 1;
    const message = `${this.further} further ${this.further === 1 ? 'problem is' : 'problems are'} not listed.`;
    this.items[LIMITS.problems] = { code: 'further-problems', message };
  }
}
