import { writeUint64 } from './octets.ts';
import type { ProtectedRecord } from './record-opening.ts';

/** seq_num, type, version, length: what is authenticated before the content (RFC 5246 sections 6.2.3.1 and 6.2.3.3). */
export function pseudoHeader(sequence: number, record: ProtectedRecord, length: number): Uint8Array {
  const header = new Uint8Array(13);
  writeUint64(header, 0, sequence);
  header[8] = record.contentType;
  header[9] = record.version >> 8;
  header[10] = record.version & 0xff;
  header[11] = length >> 8;
  header[12] = length & 0xff;
  return header;
}
