import { LIMITS } from '../bytes/limits.ts';
import { ClientReader } from './client-reader.ts';
import type { SmtpCommand } from './command.ts';
import type { ProxyHeader } from './proxy-header.ts';
import { isAuthCode, isSyntaxError, type SmtpReply, withoutText } from './reply.ts';
import { type Awaiting, ReplyPairing, type SaidReply } from './reply-pairing.ts';
import { ServerDemands } from './server-demands.ts';
import { ServerReader } from './server-reader.ts';

export type SmtpSide = 'client' | 'server';

/** What an SMTP dialogue tells, in the order in which its packets were read. `At` says where in the capture. */
export interface DialogueSink<At> {
  proxyHeader(header: ProxyHeader, at: At): void;
  command(command: SmtpCommand, at: At): void;
  reply(reply: SmtpReply, role: 'greeting' | 'challenge' | 'reply', at: At): void;
  content(verb: 'DATA' | 'BDAT' | 'XEXCH50', byteLength: number, complete: boolean, at: At): void;
  /** Plaintext after the agreement to start TLS and before TLS (RFC 3207 section 6): by whom, and what it was. */
  injection(side: SmtpSide, summary: string, at: At): void;
  /** The server goes on in plaintext although the client has begun TLS. */
  plaintextAnswer(reply: SmtpReply, at: At): void;
}

export interface Upgrade<At> {
  readonly verb: 'STARTTLS' | 'X-ANONYMOUSTLS';
  /** False when the command itself was not captured and is inferred from what the server did. */
  readonly captured: boolean;
  readonly at: At;
  replyCode: number | null;
}

export interface DialogueEnvelope {
  readonly mailFrom: string;
  readonly rcptTo: string[];
}

interface Pending<At> {
  readonly command: Awaiting;
  readonly upgrade: Upgrade<At> | null;
  readonly at: At;
  /** Of the client's reader: which credentials or content the command has begun. */
  readonly section: number;
}

const KNOWN_EXTENSION =
  /^(?:PIPELINING|SIZE|STARTTLS|X-ANONYMOUSTLS|8BITMIME|ENHANCEDSTATUSCODES|CHUNKING|DSN|SMTPUTF8|AUTH)\b/i;
const MASKED_EXTENSION = /^X{4,}[A-Z]?$/;

/** What a dialogue has to know of the connection that carries it. */
export interface DialogueSurroundings<At> {
  /** Whether a reply can answer a command, by where both stand in the capture. */
  readonly follows: (reply: At, command: At) => boolean;
  /** The connection is SMTP even where nothing captured shows it. */
  readonly isMailPort: boolean;
  /** The client has got bytes of the server that were not captured, or not yet. */
  readonly isServerBehind: () => boolean;
}

/**
 * Both halves of an SMTP dialogue up to the start of TLS, in any order: keeps the facts, and tells the readers when
 * credentials and content begin and end.
 */
export class SmtpDialogue<At> {
  readonly #sink: DialogueSink<At>;
  readonly #surroundings: DialogueSurroundings<At>;
  readonly #pairing: ReplyPairing<At, Pending<At>>;
  readonly #client: ClientReader;
  readonly #server: ServerReader;
  #at!: At;
  #commandCount = 0;
  #replyCount = 0;
  #tlsStarted = { client: false, server: false };
  #upgrades: Upgrade<At>[] = [];
  #afterUpgrade = 0;
  #lastReply: SaidReply<At> | null = null;
  #saidGreeting: SaidReply<At> | null = null;
  readonly #demands: ServerDemands<At>;
  /** The client's last bytes, and those in front of its last hole. */
  #clientAt: At | null = null;
  #beforeHole: At | null = null;
  #holes = 0;
  #clientTlsAt: At | null = null;

  greeting: SmtpReply | null = null;
  clientName: string | null = null;
  /** Lines of the last EHLO reply behind the first; null before one was seen. */
  extensions: string[] | null = null;
  /** A HELO was answered: the server could offer nothing. */
  heloAnswered = false;
  /** Bytes were lost in front of `extensions`: some may be missing. */
  #extensionsLost = false;
  /** The server has ended the AUTH, or refused the content, with this number: what the client sends then is commands. */
  #ending: { readonly section: number; readonly at: At } | null = null;
  /** The client sent something that is not kept, or may have: error messages may quote it. */
  #hasSecrets = false;
  /** The client sent a command that a middlebox had overwritten. */
  commandMasked = false;
  readonly envelopes: DialogueEnvelope[] = [];
  /** `smtp` as soon as anything was said that only SMTP says; `not-smtp` when the first words were something else. */
  evidence: 'none' | 'smtp' | 'not-smtp' = 'none';

  constructor(sink: DialogueSink<At>, surroundings: DialogueSurroundings<At>) {
    const isMail = () => surroundings.isMailPort || this.evidence === 'smtp';
    this.#sink = sink;
    this.#surroundings = surroundings;
    this.#pairing = new ReplyPairing(surroundings.follows);
    this.#demands = new ServerDemands(surroundings.follows);
    this.#client = new ClientReader(
      {
        proxyHeader: (header) => sink.proxyHeader(header, this.#at),
        command: (command) => this.#command(command),
        content: (verb, byteLength, complete) => {
          sink.content(verb, byteLength, complete, this.#at);
          if (verb === 'DATA' && complete) this.#expect({ kind: 'content-end' }, null);
        },
      },
      { isMail, isCommandTime: () => this.#isCommandTime() },
    );
    this.#server = new ServerReader(
      {
        reply: (reply) => this.#reply(reply),
        noReply: (_, first) => {
          if (first && this.evidence === 'none') this.evidence = 'not-smtp';
        },
      },
      isMail,
      () => this.#isBehindClientTls(),
    );
  }

  /** Bytes of one side. Returns the offset where TLS begins, or -1. Not to be called for a side once TLS has begun. */
  push(side: SmtpSide, bytes: Uint8Array, start: number, end: number, at: At): number {
    this.#at = at;
    if (side === 'client') {
      this.#heed();
      this.#clientAt = at;
    }
    const offset = (side === 'client' ? this.#client : this.#server).push(bytes, start, end);
    if (offset >= 0) this.#startTls(side);
    return offset;
  }

  /** What `push` consumed earlier although it belongs to TLS: to be read in front of the offset it returned. */
  tlsPrefix(side: SmtpSide): Uint8Array {
    return (side === 'client' ? this.#client : this.#server).tlsPrefix;
  }

  /** `size` bytes of one side are missing; 0 when the capture began later. */
  hole(side: SmtpSide, size: number): void {
    this.#holes++;
    this.#hasSecrets = true;
    if (side === 'client') {
      this.#beforeHole = this.#clientAt;
      this.#client.hole(size);
    } else {
      this.#server.hole();
      this.#pairing.loseReplies();
      if (this.#lastReply) this.#lastReply.lossBehind = true;
    }
  }

  /** No more bytes. */
  finish(at: At): void {
    this.#at = at;
    if (!this.#tlsStarted.client) this.#client.finish();
  }

  /** The upgrade that TLS followed or, without one, the last that was asked for. */
  get upgrade(): Upgrade<At> | null {
    return this.#upgrades.find((upgrade) => upgrade.replyCode === 220) ?? this.#upgrades.at(-1) ?? null;
  }

  /** True when the server was asked or offered before TLS began, as far as was captured. */
  get spoke(): boolean {
    return this.#commandCount + this.#replyCount > 0;
  }

  get tlsStarted(): boolean {
    return this.#tlsStarted.client || this.#tlsStarted.server;
  }

  /** The fate of STARTTLS (RFC 3207), in the contract's words. */
  startTlsState(): 'accepted' | 'refused' | 'unanswered' | 'not-offered' | 'masked' | 'not-requested' | 'not-seen' {
    const { upgrade } = this;
    if (upgrade) {
      if (upgrade.replyCode === null) return this.tlsStarted ? 'accepted' : 'unanswered';
      return upgrade.replyCode === 220 ? 'accepted' : 'refused';
    }
    if (this.commandMasked || this.extensions?.some((line) => MASKED_EXTENSION.test(line))) return 'masked';
    if (this.extensions) {
      const offered = this.extensions.some((line) => /^(?:STARTTLS|X-ANONYMOUSTLS)\b/i.test(line));
      if (!offered && this.#extensionsLost) return 'not-seen';
      return offered ? 'not-requested' : 'not-offered';
    }
    return this.heloAnswered ? 'not-offered' : 'not-seen';
  }

  #startTls(side: SmtpSide): void {
    if (side === 'client' && this.#afterUpgrade > 0 && this.#upgrades.length > 0) {
      const plural = this.#afterUpgrade === 1 ? ' command was' : ' commands were';
      this.#sink.injection('client', `${this.#afterUpgrade}${plural} sent in plaintext behind STARTTLS`, this.#at);
    }
    if (side === 'server' && this.#upgrades.length === 0 && this.#lastReply) {
      // The client's half was not captured: only a 220 makes a server go on with TLS (RFC 3207 section 4).
      const { reply, at, isGreeting } = this.#lastReply;
      if (reply.code === 220 && (!isGreeting || this.#holes > 0)) {
        if (isGreeting) this.greeting = null;
        const offersOnlyExchange =
          this.extensions?.some((line) => /^X-ANONYMOUSTLS\b/i.test(line)) === true &&
          !this.extensions.some((line) => /^STARTTLS\b/i.test(line));
        const verb = offersOnlyExchange ? 'X-ANONYMOUSTLS' : 'STARTTLS';
        this.#upgrades.push({ verb, captured: false, at, replyCode: 220 });
      }
    }
    if (side === 'client') this.#clientTlsAt = this.#at;
    this.#tlsStarted[side] = true;
  }

  #command(command: SmtpCommand): void {
    this.#commandCount++;
    const at = this.#at;
    let upgrade: Upgrade<At> | null = null;
    switch (command.kind) {
      case 'hello':
        this.clientName = command.name;
        this.evidence = 'smtp';
        break;
      case 'upgrade':
        upgrade = { verb: command.verb, captured: true, at, replyCode: null };
        if (this.#upgrades.length < 16) this.#upgrades.push(upgrade);
        this.#afterUpgrade = -1;
        break;
      case 'mail':
        if (this.envelopes.length < LIMITS.smtpEnvelopes) this.envelopes.push({ mailFrom: command.path, rcptTo: [] });
        this.evidence = 'smtp';
        break;
      case 'rcpt': {
        const recipients = this.envelopes.at(-1)?.rcptTo;
        if (recipients && recipients.length < LIMITS.smtpRecipients) recipients.push(command.path);
        this.evidence = 'smtp';
        break;
      }
      case 'unrecognized':
        this.#hasSecrets = true;
        if (command.masked) this.commandMasked = true;
        else if (this.#commandCount === 1 && this.evidence === 'none') this.evidence = 'not-smtp';
        break;
      case 'auth':
      case 'data':
      case 'bdat':
      case 'xexch50':
        this.#hasSecrets = true;
        break;
      case 'other':
        break;
    }
    const agreed = this.#upgrades.at(-1)?.replyCode;
    if (agreed === null || agreed === 220) this.#afterUpgrade++;
    this.#sink.command(command, at);
    this.#expect(command, upgrade);
  }

  #expect(command: Pending<At>['command'], upgrade: Upgrade<At> | null): void {
    const pending = { command, upgrade, at: this.#at, section: this.#client.section };
    const said = this.#pairing.expect(pending);
    if (said) this.#answer(pending, said.reply, said.at);
  }

  #reply(reply: SmtpReply): void {
    const at = this.#at;
    this.#replyCount++;
    const isGreeting = this.#isGreeting(reply);
    const role = isGreeting ? 'greeting' : reply.code === 334 ? 'challenge' : 'reply';
    const said: SaidReply<At> = { reply, at, isGreeting, lossBehind: false };
    this.#demands.note(reply.code, at);
    this.#lastReply = said;
    const shown = this.#mayQuote(reply, isGreeting) ? withoutText(reply) : reply;
    this.#sink.reply(shown, role, at);
    if (isGreeting) {
      this.greeting = reply;
      this.#saidGreeting = said;
      if (reply.lines.some((line) => /\bE?SMTP\b|\bLMTP\b/i.test(line))) this.evidence = 'smtp';
      return;
    }
    if (reply.code === 250 && reply.lines.slice(1).some((line) => KNOWN_EXTENSION.test(line))) this.evidence = 'smtp';
    // The server's half may be read long after the client's, when it stood behind a hole.
    if (this.#isBehindClientTls()) {
      this.#sink.plaintextAnswer(shown, at);
      return;
    }
    if (this.#upgrades.at(-1)?.replyCode === 220) {
      this.#sink.injection('server', `${reply.code} in plaintext behind the 220 that agreed to TLS`, at);
      return;
    }
    const pairing = this.#pairing;
    pairing.skipAnswered(reply, at);
    // The server asks for more: what it seemed to end goes on.
    if (reply.code === 354 || reply.code === 334) this.#ending = null;
    if (reply.code === 354 && !pairing.awaits(354)) this.#client.contentExpected();
    const { next } = pairing;
    if (!next) {
      if (reply.code === 334) this.#client.credentialsExpected();
      else pairing.keepUnmatched(said);
      this.#noteHello(reply);
      return;
    }
    if (reply.code === 334 && next.kind === 'auth') return;
    const answered = pairing.takeAnswered();
    if (answered) this.#answer(answered, reply, at);
  }

  /** What the server said before the client sent the bytes that come now decides how they are to be read. */
  #heed(): void {
    const demand = this.#demands.standingAt(this.#at);
    if (demand !== null) {
      // Whatever seemed to end goes on; the command for it may be lost, or paired with another reply.
      this.#ending = null;
      if (demand === 354 && this.#client.isAfterHole) this.#client.contentExpected();
      return;
    }
    const ending = this.#ending;
    if (ending && this.#isBehind(ending.at)) {
      this.#client.backToCommands(ending.section);
      this.#ending = null;
    }
  }

  /** The bytes at hand were captured after that. */
  #isBehind(earlier: At): boolean {
    return this.#surroundings.follows(this.#at, earlier);
  }

  /**
   * Behind a hole of the client, which may have held the start of content: whether what comes now is surely commands.
   * So it is where the server has answered what was in the hole, without asking for more, and nothing that it said
   * since is missing.
   */
  #isCommandTime(): boolean {
    const said = this.#pairing.unmatchedBefore(this.#at) ?? this.#saidGreeting;
    if (!said || !this.#isBehind(said.at) || said.lossBehind || this.#demands.isNextTo(this.#at)) return false;
    if (this.#beforeHole !== null && !this.#surroundings.follows(said.at, this.#beforeHole)) return false;
    return said !== this.#lastReply || !this.#surroundings.isServerBehind();
  }

  #isBehindClientTls(): boolean {
    return this.#clientTlsAt !== null && this.#isBehind(this.#clientTlsAt);
  }

  /** What the server says may repeat what the client sent and nobody keeps. */
  #mayQuote({ code }: SmtpReply, isGreeting: boolean): boolean {
    if (isGreeting) return false;
    const answered = this.#pairing.next?.kind;
    if (isAuthCode(code) || answered === 'auth') return true;
    return isSyntaxError(code) && (this.#hasSecrets || answered !== 'upgrade');
  }

  /** The first reply, before any command; a capture that began later has one only where its code and place say so. */
  #isGreeting(reply: SmtpReply): boolean {
    if (this.#replyCount !== 1) return false;
    if (this.#commandCount > 0 && this.#holes > 0) return false;
    if (reply.code === 220 || reply.code === 421 || reply.code === 554) return true;
    return this.#holes === 0 && this.#commandCount === 0 && reply.code >= 400;
  }

  #answer({ command, upgrade, section }: Pending<At>, reply: SmtpReply, at: At): void {
    switch (command.kind) {
      case 'hello':
        if (reply.code !== 250) break;
        if (command.verb === 'HELO') this.heloAnswered = true;
        else this.#offer(reply);
        break;
      case 'upgrade':
        if (upgrade) upgrade.replyCode = reply.code;
        // IRC and others have a command of that name too; only SMTP answers it with 220.
        if (reply.code === 220) this.evidence = 'smtp';
        break;
      case 'auth':
        this.#ending = { section, at };
        break;
      case 'data':
      case 'xexch50':
        // Anything but a refusal is the answer to another command, or says that content may come.
        if (reply.code >= 400) this.#ending = { section, at };
        else if (reply.code === 354) this.#client.contentAccepted(section);
        break;
      case 'content-end':
      case 'mail':
      case 'rcpt':
      case 'bdat':
      case 'other':
      case 'unrecognized':
        break;
    }
  }

  /** An EHLO reply is known by itself, where the client's half was not captured. */
  #noteHello(reply: SmtpReply): void {
    if (this.extensions) return;
    if (reply.code === 250 && reply.lines.slice(1).some((line) => KNOWN_EXTENSION.test(line))) this.#offer(reply);
  }

  #offer(reply: SmtpReply): void {
    // The first line of a whole reply names the server; what is left of one may begin with an extension.
    const { lines, isPartial } = reply;
    this.extensions = isPartial && KNOWN_EXTENSION.test(lines[0]) ? [...lines] : lines.slice(1);
    this.#extensionsLost = isPartial;
  }
}
