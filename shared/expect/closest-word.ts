/** Shorter words are close to everything; longer ones are no slip of the fingers. */
const SHORTEST = 3;
const LONGEST = 40;

/**
 * The word that was probably meant: at most a third of its letters differ (Levenshtein's distance with swaps of
 * neighbours counted once), upper and lower case aside. Null when none is close.
 */
export function closestWord(given: string, words: readonly string[]): string | null {
  if (given.length < SHORTEST || given.length > LONGEST) return null;
  let closest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const word of words) {
    const distance = distanceBetween(given.toLowerCase(), word.toLowerCase());
    if (distance < least && distance <= Math.max(1, Math.floor(Math.max(word.length, given.length) / 3))) {
      closest = word;
      least = distance;
    }
  }
  return closest;
}

function distanceBetween(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let distance = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, before[column - 2] + 1);
      current.push(distance);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length];
}
