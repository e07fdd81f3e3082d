export interface EventFrame {
  /** Empty: the event has none. */
  readonly id: string;
  readonly data: string;
}

/** Takes Server-Sent Events apart as their text comes in (HTML Living Standard, section 9.2.6); lines end in LF. */
export class EventFrames {
  #pieces: string[] = [];

  /** The events that are complete with this piece. */
  add(piece: string): readonly EventFrame[] {
    this.#pieces.push(piece);
    // A frame of many rows comes in many pieces: they are joined once, when its end is there.
    if (!piece.includes('\n')) return [];
    const blocks = this.#pieces.join('').split('\n\n');
    this.#pieces = [blocks.pop() ?? ''];
    return blocks.flatMap((block) => {
      const frame = frameOf(block);
      return frame === null ? [] : [frame];
    });
  }
}

/** Null for a comment. */
function frameOf(block: string): EventFrame | null {
  let id = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) id = line.slice(4);
    else if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  return data.length === 0 ? null : { id, data: data.join('\n') };
}
