import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { ByteSource } from './byte-source.ts';

/**
 * Compressed bytes that are inflated at one time: larger pieces are hardly quicker. Deflate expands up to 1,032
 * times, so pieces shrink when their output grows beyond the target.
 */
const PIECE_BYTES = 32 * 1024;
const LEAST_PIECE_BYTES = 256;
const TARGET_OUTPUT_BYTES = 512 * 1024;
/** Size of zlib's output buffers. */
const OUTPUT_BYTES = 128 * 1024;

const FLAG_HEADER_CHECKSUM = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;

/** What inflating one piece came to: bytes of it that were used, and whether the deflate stream went on, ended or broke. */
interface Inflated {
  readonly used: number;
  readonly state: 'more' | 'end' | 'broken';
}

/**
 * The content of gzip data (RFC 1952): any number of members, zeros behind them. Of a cut or damaged file everything
 * in front of the damage is delivered, and a problem tells.
 *
 * Node's zlib drops what it has decoded since it last handed out a buffer when it meets an error. A member of a file
 * is therefore inflated a second time up to the damage, the last piece byte by byte; of a pipe those bytes are lost.
 */
export class GzipSource implements ByteSource {
  readonly seek = null;
  readonly readSync = null;
  private readonly source: ByteSource;
  private readonly ownProblems: Problem[] = [];
  private readonly piece = new Uint8Array(PIECE_BYTES);
  private pieceStart = 0;
  private pieceEnd = 0;
  /** Offset in the compressed data of `piece[0]`. */
  private pieceOffset = 0;
  private sourceEnded = false;
  private ended = false;
  private members = 0;

  private inflater: InflateRaw | null = null;
  /** How much is inflated next. */
  private nextBytes = PIECE_BYTES;
  private bodyOffset = 0;
  private memberBytes = 0;
  private checksum = 0;
  /** Bytes of the member that a second pass must not deliver again. */
  private skip = 0;
  private readonly output: Uint8Array[] = [];

  constructor(source: ByteSource) {
    this.source = source;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  get totalBytes(): number | null {
    return this.source.totalBytes;
  }

  get problems(): readonly Problem[] {
    return [...this.source.problems, ...this.ownProblems];
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    let filled = 0;
    while (filled < length) {
      const chunk = this.output[0];
      if (chunk !== undefined) {
        const count = Math.min(chunk.length, length - filled);
        target.set(count === chunk.length ? chunk : chunk.subarray(0, count), at + filled);
        filled += count;
        if (count === chunk.length) this.output.shift();
        else this.output[0] = chunk.subarray(count);
      } else if (this.ended) break;
      else if (this.inflater === null) await this.beginMember();
      else await this.inflateNext(this.inflater);
    }
    return filled;
  }

  close(): Promise<void> {
    this.inflater?.destroy();
    this.ended = true;
    return this.source.close();
  }

  /** Reads a member's header, or ends at the end of the data. */
  private async beginMember(): Promise<void> {
    if (!(await this.hasInput())) {
      this.ended = true;
      return;
    }
    const offset = this.pieceOffset + this.pieceStart;
    const isMember = this.piece[this.pieceStart] === 0x1f && (await this.readHeader());
    if (!isMember) {
      if (this.members === 0 || this.sourceEnded) this.cut(offset);
      else await this.skipTrailing(offset);
      this.ended = true;
      return;
    }
    this.members += 1;
    this.bodyOffset = this.pieceOffset + this.pieceStart;
    this.memberBytes = 0;
    this.checksum = 0;
    this.inflater = this.createInflater();
  }

  /** False when this is no gzip header, or only a part of one. */
  private async readHeader(): Promise<boolean> {
    const first = await this.nextByte();
    const second = await this.nextByte();
    const method = await this.nextByte();
    if (first !== 0x1f || second !== 0x8b || method !== 8) return false;
    const flags = await this.nextByte();
    for (let i = 0; i < 6; i++) await this.nextByte();
    if ((flags & FLAG_EXTRA) !== 0) {
      const length = (await this.nextByte()) | ((await this.nextByte()) << 8);
      for (let i = 0; i < length; i++) await this.nextByte();
    }
    if ((flags & FLAG_NAME) !== 0) while ((await this.nextByte()) > 0);
    if ((flags & FLAG_COMMENT) !== 0) while ((await this.nextByte()) > 0);
    if ((flags & FLAG_HEADER_CHECKSUM) !== 0) for (let i = 0; i < 2; i++) await this.nextByte();
    return this.hasInput();
  }

  private createInflater(): InflateRaw {
    const inflater = createInflateRaw({ chunkSize: OUTPUT_BYTES });
    inflater.on('data', (chunk: Uint8Array) => this.deliver(chunk));
    return inflater;
  }

  private deliver(chunk: Uint8Array): void {
    const repeated = Math.min(this.skip, chunk.length);
    this.skip -= repeated;
    if (repeated === chunk.length) return;
    const fresh = repeated === 0 ? chunk : chunk.subarray(repeated);
    this.checksum = crc32(fresh, this.checksum);
    this.memberBytes += fresh.length;
    this.output.push(fresh);
  }

  private async inflateNext(inflater: InflateRaw): Promise<void> {
    if (!(await this.hasInput())) {
      this.cut(this.pieceOffset + this.pieceStart);
      this.stop(inflater);
      return;
    }
    const end = Math.min(this.pieceEnd, this.pieceStart + this.nextBytes);
    const before = this.memberBytes;
    const result = await inflatePiece(inflater, this.piece.subarray(this.pieceStart, end));
    switch (result.state) {
      case 'more':
        this.adapt(end - this.pieceStart, this.memberBytes - before);
        this.pieceStart = end;
        return;
      case 'end':
        this.pieceStart += result.used;
        inflater.destroy();
        this.inflater = null;
        await this.readTrailer();
        return;
      case 'broken':
        await this.recover();
        return;
    }
  }

  /** Chooses how much is inflated next, as if that expanded like the last piece. */
  private adapt(used: number, produced: number): void {
    const wanted = produced === 0 ? PIECE_BYTES : Math.floor((used * TARGET_OUTPUT_BYTES) / produced);
    this.nextBytes = Math.max(LEAST_PIECE_BYTES, Math.min(PIECE_BYTES, wanted));
  }

  /** Second pass over the member, up to the piece that failed; that one byte by byte. */
  private async recover(): Promise<void> {
    const failed = this.pieceOffset + this.pieceStart;
    let damage = failed;
    if (this.source.seek !== null) {
      this.source.seek(this.bodyOffset);
      this.pieceOffset = this.bodyOffset;
      this.pieceStart = 0;
      this.pieceEnd = 0;
      this.skip = this.memberBytes;
      const inflater = this.createInflater();
      damage = await this.replay(inflater, failed);
      inflater.destroy();
    }
    this.ownProblems.push({
      code: 'damaged-gzip',
      message: `The gzip data is damaged at offset ${damage} of the compressed file. Everything before it was read, nothing behind it; copy the file again.`,
      offset: damage,
    });
    if (this.inflater !== null) this.stop(this.inflater);
  }

  /** Feeds a new inflater until it breaks; answers the offset where it did. */
  private async replay(inflater: InflateRaw, failed: number): Promise<number> {
    while (await this.hasInput()) {
      const offset = this.pieceOffset + this.pieceStart;
      const wanted = offset < failed ? Math.min(failed - offset, this.pieceEnd - this.pieceStart) : 1;
      const result = await inflatePiece(inflater, this.piece.subarray(this.pieceStart, this.pieceStart + wanted));
      if (result.state !== 'more') return offset;
      this.pieceStart += wanted;
    }
    return this.pieceOffset + this.pieceStart;
  }

  private async readTrailer(): Promise<void> {
    const offset = this.pieceOffset + this.pieceStart;
    let checksum = 0;
    let length = 0;
    for (let i = 0; i < 4; i++) checksum += (await this.nextByte()) * 2 ** (8 * i);
    for (let i = 0; i < 4; i++) {
      const byte = await this.nextByte();
      if (byte < 0) {
        this.cut(offset);
        this.ended = true;
        return;
      }
      length += byte * 2 ** (8 * i);
    }
    if (checksum === this.checksum && length === this.memberBytes % 2 ** 32) return;
    this.ownProblems.push({
      code: 'damaged-gzip',
      message: `The checksum at offset ${offset} of the compressed file does not fit: something before it changed since it was compressed, and packets may be wrong. Copy the file again.`,
      offset,
    });
  }

  /** Zeros are padding (tapes, block devices); anything else is named. */
  private async skipTrailing(offset: number): Promise<void> {
    let others = 0;
    while (await this.hasInput()) {
      for (let at = this.pieceStart; at < this.pieceEnd; at++) if (this.piece[at] !== 0) others += 1;
      this.pieceStart = this.pieceEnd;
    }
    if (others === 0) return;
    const message = `Behind the gzip data, at offset ${offset} of the compressed file, other data follows; it was ignored.`;
    this.ownProblems.push({ code: 'trailing-data', message, offset });
  }

  private cut(offset: number): void {
    const message = `The gzip data ends at offset ${offset} of the compressed file before it is complete. Everything before it was read; copy the file again.`;
    this.ownProblems.push({ code: 'cut-gzip', message, offset });
  }

  private stop(inflater: InflateRaw): void {
    inflater.destroy();
    this.inflater = null;
    this.ended = true;
  }

  /** The next compressed byte, or -1 at the end. */
  private async nextByte(): Promise<number> {
    if (this.pieceStart === this.pieceEnd && !(await this.hasInput())) return -1;
    const byte = this.piece[this.pieceStart];
    this.pieceStart += 1;
    return byte;
  }

  private async hasInput(): Promise<boolean> {
    if (this.pieceStart < this.pieceEnd) return true;
    this.pieceOffset += this.pieceEnd;
    this.pieceStart = 0;
    this.pieceEnd = await this.source.read(this.piece, 0, PIECE_BYTES);
    this.sourceEnded = this.pieceEnd === 0;
    return !this.sourceEnded;
  }
}

/** Never rejects: a broken stream is an outcome. */
function inflatePiece(inflater: InflateRaw, piece: Uint8Array): Promise<Inflated> {
  return new Promise((resolve) => {
    const before = inflater.bytesWritten;
    const broken = () => resolve({ used: 0, state: 'broken' });
    inflater.once('error', broken);
    inflater.write(piece, (error) => {
      if (error) {
        broken();
        return;
      }
      inflater.off('error', broken);
      // zlib takes less than it is given only when the deflate stream has ended.
      const used = inflater.bytesWritten - before;
      resolve({ used, state: used < piece.length ? 'end' : 'more' });
    });
  });
}
