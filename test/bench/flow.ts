/** A flow that has been planned but not yet made. */
import type { Step } from './conversation.ts';
import type { Packet } from './packet.ts';

export interface Flow {
  /** Microseconds since the capture began. */
  readonly start: number;
  /** Bytes it will take up in the capture, roughly. */
  readonly estimate: number;
  /** Called once, when its time has come. */
  readonly packets: () => Iterator<Packet>;
}

const RECORD_HEADER_LENGTH = 16;
const SEGMENT_HEADER_LENGTH = 60;
/** A record header and frame headers for each segment, and half an acknowledgement. */
const OVERHEAD_PER_SEGMENT = (RECORD_HEADER_LENGTH + SEGMENT_HEADER_LENGTH) * 1.5;
const TYPICAL_SEGMENT = 1_455;

/** Bytes in the capture for messages of these lengths in one TCP conversation. */
export const estimateConversation = (lengths: readonly number[]): number =>
  lengths.reduce(
    (total, length) => total + length + Math.ceil(length / TYPICAL_SEGMENT) * OVERHEAD_PER_SEGMENT,
    6 * (RECORD_HEADER_LENGTH + SEGMENT_HEADER_LENGTH),
  );

export const lengthsOf = (steps: readonly Step[]): readonly number[] => steps.map((step) => step.content.length);
