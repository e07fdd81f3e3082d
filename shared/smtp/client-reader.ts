import { parseCommand, type SmtpCommand } from './command.ts';
import { ContentEnd } from './content-end.ts';
import { LineReader } from './line-reader.ts';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';
import { looksBinary, startsTls } from './tls-lead.ts';

/** What a client's half of the dialogue tells. No credential and no content ever passes through here. */
export interface ClientSink {
  proxyHeader(header: ProxyHeader): void;
  command(command: SmtpCommand): void;
  /** Content ended (or the stream did): so many bytes were dropped. */
  content(verb: 'DATA' | 'BDAT' | 'XEXCH50', byteLength: number, complete: boolean): void;
}

/** What the reader asks of those who see both halves. */
export interface ClientSurroundings {
  /** This is known to be SMTP: only then binary data behind a hole must be TLS. */
  isMail(): boolean;
  /** Behind a hole: what comes now is surely commands, and no content that looks like them. */
  isCommandTime(): boolean;
}

type Mode =
  /** Nothing read yet: a PROXY header may come. */
  | { readonly kind: 'start' }
  | { readonly kind: 'commands' }
  /** Bytes are missing in front: until a command is recognized, lines may be the rest of anything. */
  | { readonly kind: 'after-hole'; atHole: boolean }
  | { readonly kind: 'credentials' }
  | { readonly kind: 'content'; readonly end: ContentEnd }
  | Chunk;

/** `isAskedFor`: it surely comes. XEXCH50 waits for the server's 354, BDAT for nothing. */
interface Chunk {
  readonly kind: 'chunk';
  readonly verb: 'BDAT' | 'XEXCH50';
  readonly size: number;
  remaining: number;
  isAskedFor: boolean;
}

/** In the middle of AUTH only these lines are taken for commands when the server's answers were not captured. */
const ENDS_CREDENTIALS = /^(?:hello|upgrade|mail|rcpt|data|bdat|xexch50)$/;

/** Reads what the client sends, until TLS begins. */
export class ClientReader {
  readonly #sink: ClientSink;
  readonly #surroundings: ClientSurroundings;
  readonly #lines = new LineReader();
  #mode: Mode = { kind: 'start' };
  #section = 0;
  /** Bytes are missing, and nothing since has shown that what was read is no content. */
  #mayBeContent = false;
  /** Content was expected last, and the server seemed to refuse it. */
  #wasRefused = false;
  /** Bytes at the start of a line that may yet turn out to be TLS or a PROXY header. */
  #lead = new Uint8Array(0);
  /** Bytes consumed by earlier calls that belong to TLS. Meaningful after `push` returned an offset. */
  tlsPrefix = new Uint8Array(0);

  constructor(sink: ClientSink, surroundings: ClientSurroundings) {
    this.#sink = sink;
    this.#surroundings = surroundings;
  }

  /** Consumes `bytes[start, end)`; returns the offset where TLS begins (behind `tlsPrefix`), or -1 when it does not. */
  push(bytes: Uint8Array, start: number, end: number): number {
    if (this.#lead.length > 0) {
      // Rare: a line's first bytes came alone. Join them, so that the rest of the code sees one run.
      const held = this.#lead.length;
      const joined = new Uint8Array(held + end - start);
      joined.set(this.#lead);
      joined.set(bytes.subarray(start, end), held);
      this.#lead = new Uint8Array(0);
      const at = this.#read(joined, 0, joined.length, held);
      if (at < 0 || at >= held) return at < 0 ? -1 : start + at - held;
      this.tlsPrefix = joined.slice(at, held);
      return start;
    }
    return this.#read(bytes, start, end);
  }

  /** `size` bytes are missing; 0 when the capture begins here. */
  hole(size: number): void {
    this.#lead = new Uint8Array(0);
    this.#lines.reset();
    const mode = this.#mode;
    switch (mode.kind) {
      case 'content':
        mode.end.hole(size);
        break;
      case 'chunk':
        mode.remaining -= size;
        if (mode.remaining < 0 || !mode.isAskedFor) this.#loseTrack();
        break;
      case 'credentials':
        this.#mayBeContent = true;
        break;
      case 'start':
      case 'commands':
      case 'after-hole':
        this.#loseTrack();
        break;
    }
  }

  /** Bytes are missing, and no command was recognized since. */
  get isAfterHole(): boolean {
    return this.#mode.kind === 'after-hole';
  }

  /** Number of the AUTH or of the content that began last, which `backToCommands` wants to know. */
  get section(): number {
    return this.#section;
  }

  /**
   * The server asks for content (354): what follows is no command, even where the DATA line was lost, or the reply to
   * another command was taken for its refusal.
   */
  contentExpected(): void {
    if (this.#mode.kind !== 'after-hole' && !this.#wasRefused) return;
    this.#lines.reset();
    this.#begin({ kind: 'content', end: new ContentEnd() });
  }

  /** The server has agreed (354) to the XEXCH50 with this `section` number. */
  contentAccepted(section: number): void {
    if (section === this.#section && this.#mode.kind === 'chunk') this.#mode.isAskedFor = true;
  }

  /** The server asks for a response (334): what follows is a credential, even where the AUTH line was lost. */
  credentialsExpected(): void {
    if (this.#mode.kind === 'after-hole') this.#begin({ kind: 'credentials' });
  }

  /**
   * The server has ended the AUTH, or refused the DATA or XEXCH50, with this `section` number: commands follow. Once a
   * client sends content, that was no refusal, or the client does not mind it: content it is, up to its end.
   */
  backToCommands(section: number): void {
    const mode = this.#mode;
    if (section !== this.#section) return;
    const isContent = mode.kind === 'content' ? mode.end.isUntouched : mode.kind === 'chunk' && isUntouched(mode);
    this.#wasRefused = mode.kind === 'content' && isContent;
    if (isContent || mode.kind === 'credentials') this.#mode = { kind: 'commands' };
  }

  /** No more bytes. */
  finish(): void {
    const mode = this.#mode;
    if (mode.kind === 'content') this.#sink.content('DATA', mode.end.byteLength, false);
    if (mode.kind === 'chunk') this.#sink.content(mode.verb, mode.size - mode.remaining, false);
    this.#mode = { kind: 'commands' };
  }

  /** `seen`: so many of the bytes were held as the start of something. */
  #read(bytes: Uint8Array, start: number, end: number, seen = 0): number {
    let at = start;
    while (at < end) {
      const mode = this.#mode;
      if (mode.kind === 'content') {
        const next = mode.end.read(bytes, at, end);
        if (next < 0) return -1;
        at = next;
        this.#mode = { kind: 'commands' };
        this.#mayBeContent = false;
        this.#sink.content('DATA', mode.end.byteLength, true);
        continue;
      }
      if (mode.kind === 'chunk' && !mode.isAskedFor && isUntouched(mode) && isLetter(bytes[at])) {
        // The data of XEXCH50 is binary: this is the next command, and the refusal was not captured.
        this.#mode = { kind: 'commands' };
        continue;
      }
      if (mode.kind === 'chunk') {
        const taken = Math.min(mode.remaining, end - at);
        mode.remaining -= taken;
        at += taken;
        if (mode.remaining > 0) return -1;
        this.#mode = { kind: 'commands' };
        // The server may have refused it, and then these were commands, of which the last may have begun content.
        if (!mode.isAskedFor) this.#mayBeContent = true;
        this.#sink.content(mode.verb, mode.size, true);
        continue;
      }
      if (!this.#lines.partial) {
        const tls = startsTls(bytes, at, end);
        if (tls === 'yes') return at;
        if (tls === 'maybe') {
          this.#lead = bytes.slice(at, end);
          return -1;
        }
        if (mode.kind === 'after-hole' && mode.atHole) {
          mode.atHole = false;
          if (this.#surroundings.isMail() && looksBinary(bytes, at, end)) return at;
        }
        if (mode.kind === 'start') {
          const proxy = readProxyHeader(bytes.subarray(at, end), seen);
          if (proxy.kind === 'need-more') {
            this.#lead = bytes.slice(at, end);
            return -1;
          }
          this.#mode = { kind: 'commands' };
          if (proxy.kind === 'header') {
            this.#sink.proxyHeader(proxy.header);
            at += proxy.end;
            continue;
          }
        }
      }
      const next = this.#lines.read(bytes, at, end);
      if (next < 0) return -1;
      at = next;
      this.#line();
    }
    return -1;
  }

  #line(): void {
    const lines = this.#lines;
    const mode = this.#mode;
    const command: SmtpCommand = lines.overlong
      ? { kind: 'unrecognized', masked: false, byteLength: lines.byteLength }
      : parseCommand(lines.bytes, lines.start, lines.end, mode.kind !== 'after-hole');
    if (mode.kind === 'credentials' && !ENDS_CREDENTIALS.test(command.kind)) return;
    // Behind a hole the rest of a line, or of content, is no command and says nothing.
    if (mode.kind === 'after-hole' && command.kind === 'unrecognized') return;
    if (this.#mayBeContent && quotes(command)) {
      if (!this.#surroundings.isCommandTime()) return;
      this.#mayBeContent = false;
    }
    this.#mode = { kind: 'commands' };
    switch (command.kind) {
      case 'auth':
        this.#begin({ kind: 'credentials' });
        break;
      case 'data':
        this.#begin({ kind: 'content', end: new ContentEnd() });
        break;
      case 'bdat':
        if (command.size > 0) this.#begin(chunk('BDAT', command.size));
        break;
      case 'xexch50':
        if (command.size > 0) this.#begin(chunk('XEXCH50', command.size));
        break;
      case 'hello':
      case 'upgrade':
      case 'mail':
      case 'rcpt':
      case 'other':
      case 'unrecognized':
        break;
    }
    this.#sink.command(command);
  }

  #loseTrack(): void {
    this.#mode = { kind: 'after-hole', atHole: true };
    this.#mayBeContent = true;
  }

  #begin(mode: Mode): void {
    this.#section++;
    this.#wasRefused = false;
    this.#mode = mode;
  }
}

/** What is kept of the command holds text that the client chose. */
function quotes({ kind }: SmtpCommand): boolean {
  return kind === 'hello' || kind === 'mail' || kind === 'rcpt';
}

function chunk(verb: 'BDAT' | 'XEXCH50', size: number): Chunk {
  return { kind: 'chunk', verb, size, remaining: size, isAskedFor: verb === 'BDAT' };
}

function isUntouched({ size, remaining }: Chunk): boolean {
  return remaining === size;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
