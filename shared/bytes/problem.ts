/**
 * A defect found in input, as data: never thrown, always kept beside whatever could still be read.
 *
 * `code` is stable and machine-readable (`kebab-case`), `message` is one sentence for a person.
 * `frame` is Wireshark's frame number (from 1) in the capture at hand, `offset` a byte offset in the object
 * that `message` names (the file for capture problems, the message or the DER object for parsing problems).
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly frame?: number;
  readonly offset?: number;
}
