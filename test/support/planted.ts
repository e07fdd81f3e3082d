/**
 * Random SMTP dialogues with credentials and content planted in them, random segments, and random faults of the
 * capture. Everything follows from the seed.
 */
import { ACK, Talk, type TalkPacket, type TalkSide } from './talk.ts';

/** Uniform numbers from a seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including `below`. */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.int(times) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }
}

export interface Turn {
  readonly from: TalkSide;
  readonly bytes: string;
}

export interface PlantedDialogue {
  readonly turns: readonly Turn[];
  /** No piece of these may be in any output. */
  readonly secrets: readonly string[];
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

class Planter {
  readonly #chance: Chance;
  readonly secrets: string[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** A word that stands nowhere else. */
  word(length = 12 + this.#chance.int(30)): string {
    const text = Array.from({ length }, () => LETTERS[this.#chance.int(LETTERS.length)]).join('');
    this.secrets.push(text);
    return text;
  }

  /** Base64 of random bytes. */
  base64(): string {
    const bytes = Uint8Array.from({ length: 9 + this.#chance.int(30) }, () => this.#chance.int(256));
    const text = Buffer.from(bytes).toString('base64');
    this.secrets.push(text);
    return text;
  }
}

/** Content holds lines that are SMTP commands with secrets for arguments: behind DATA, and in chunks (BDAT). */
export interface CommandLike {
  readonly data: boolean;
  readonly chunks: boolean;
}

export function plantedDialogue(chance: Chance, commandLike: CommandLike): PlantedDialogue {
  const planter = new Planter(chance);
  const turns: Turn[] = [];
  const client = (...lines: readonly string[]) => turns.push({ from: 'client', bytes: lines.join('') });
  const server = (...lines: readonly string[]) => turns.push({ from: 'server', bytes: lines.join('') });
  server('220 mx.example ESMTP\r\n');
  client('EHLO client.example\r\n');
  server('250-mx.example\r\n250-PIPELINING\r\n250-AUTH LOGIN PLAIN\r\n250-CHUNKING\r\n250 STARTTLS\r\n');
  const acts = 1 + chance.int(4);
  for (let act = 0; act < acts; act++) chance.pick([login, plain, message, message, chunks, exch50, echo])();
  if (chance.once(2)) {
    client('QUIT\r\n');
    server('221 2.0.0 Bye\r\n');
  }
  return { turns, secrets: planter.secrets };

  function verdict(): void {
    server(
      chance.pick([
        () => '235 2.7.0 Authentication successful\r\n',
        () => `235 ${planter.base64()}\r\n`,
        () => '535 5.7.8 Error: authentication failed\r\n',
        () => `535 5.7.8 Error: authentication failed: ${planter.base64()}\r\n`,
        () => `504 5.5.4 unrecognized authentication type: ${planter.base64()}\r\n`,
        () => '454 4.7.0 Temporary authentication failure\r\n',
      ])(),
    );
  }

  function login(): void {
    client(chance.pick(['AUTH LOGIN\r\n', 'auth login\r\n', 'X-EXPS LOGIN\r\n', `AUTH LOGIN ${planter.base64()}\r\n`]));
    server(`334 ${planter.base64()}\r\n`);
    client(`${planter.base64()}\r\n`);
    if (chance.once(4)) {
      client('*\r\n');
      server('501 5.7.0 Authentication aborted\r\n');
      return;
    }
    server(`334 ${planter.base64()}\r\n`);
    client(`${planter.base64()}\r\n`);
    verdict();
  }

  function plain(): void {
    if (chance.once(2)) {
      client(`${chance.pick(['AUTH PLAIN', 'Auth Plain', 'AUTH', 'X-EXPS', 'AUTH  XOAUTH2'])} ${planter.base64()}\r\n`);
    } else {
      client('AUTH PLAIN\r\n');
      server('334 \r\n');
      client(`${planter.base64()}\r\n`);
    }
    verdict();
  }

  function envelope(): void {
    if (chance.once(2)) {
      client('MAIL FROM:<a@client.example>\r\nRCPT TO:<b@mx.example>\r\nRCPT TO:<c@mx.example>\r\nDATA\r\n');
      server('250 2.1.0 Ok\r\n', '250 2.1.5 Ok\r\n', chance.pick(['250 2.1.5 Ok\r\n', '550 5.1.1 No such user\r\n']));
    } else {
      client('MAIL FROM:<a@client.example>\r\n');
      server('250 2.1.0 Ok\r\n');
      client('RCPT TO:<b@mx.example>\r\n');
      server('250 2.1.5 Ok\r\n');
      client('DATA\r\n');
    }
  }

  function content(isCommandLike: boolean): string {
    const lines = Array.from({ length: 1 + chance.int(12) }, () =>
      chance.pick([
        () => `Subject: ${planter.word()}`,
        () => planter.word(),
        () => `.${planter.word()}`,
        () => planter.base64(),
        () => `AUTH ${planter.word(12)}`,
        () => `AUTH PLAIN ${planter.base64()}`,
        () => '',
        () => (isCommandLike ? `220 ${planter.word()} ESMTP` : '220 is a number'),
        () => `STARTTLS`,
        () => (isCommandLike ? `MAIL FROM:<${planter.word()}@x>` : 'Mail from me'),
        () => (isCommandLike ? `EHLO ${planter.word()}` : 'Hello'),
        () => (isCommandLike ? `RCPT TO:<${planter.word()}>` : 'Received:'),
        () => '\x16\x03\x01\x02\x00',
        () => `\x16\x03\x01${planter.word()}`,
        () => `\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd ${planter.word()}`,
      ])(),
    );
    return `${lines.join('\r\n')}\r\n`;
  }

  function message(): void {
    envelope();
    server(chance.pick(['354 End data with <CR><LF>.<CR><LF>\r\n', '354 go ahead\r\n']));
    client(content(commandLike.data), '.\r\n');
    server('250 2.0.0 Ok: queued\r\n');
  }

  function chunks(): void {
    client('MAIL FROM:<a@client.example>\r\n');
    server('250 2.1.0 Ok\r\n');
    client('RCPT TO:<b@mx.example>\r\n');
    server('250 2.1.5 Ok\r\n');
    const count = 1 + chance.int(3);
    for (let chunk = 0; chunk < count; chunk++) {
      const bytes = content(commandLike.chunks);
      client(`BDAT ${bytes.length}${chunk === count - 1 ? ' LAST' : ''}\r\n`, bytes);
      server(`250 2.6.0 ${bytes.length} octets\r\n`);
    }
  }

  function exch50(): void {
    const bytes = `\x1c\x00\x00\x00${content(commandLike.data)}`;
    client(`XEXCH50 ${bytes.length} 2\r\n`);
    if (chance.once(3)) {
      server('504 Need to authenticate first\r\n');
      return;
    }
    server('354 Send binary data\r\n');
    client(bytes);
    server('250 XEXCH50 OK\r\n');
  }

  /** Servers that quote what they do not understand. */
  function echo(): void {
    const line = chance.pick([`AUTH PLAIN ${planter.base64()}`, planter.base64()]);
    client(`${line}\r\n`);
    const text = chance.pick([`5.5.1 Command unrecognized: "${line}"`, `Unknown command ${line}`, `'${line}': what?`]);
    server(`${chance.pick([500, 501, 502])} ${text}\r\n`);
  }
}

/** The turns as packets, each turn in pieces of random size. */
export function talkOf(turns: readonly Turn[], chance: Chance, serverPort = 25): Talk {
  const talk = new Talk({
    serverPort,
    clientSequence: chance.int(2 ** 32),
    serverSequence: chance.int(2 ** 32),
  }).open();
  for (const { from, bytes } of turns) {
    const largest = chance.pick([1, 7, 40, 1_460, 1_460]);
    for (let at = 0; at < bytes.length; ) {
      const length = Math.max(
        1,
        largest === 1 && bytes.length > 200 ? 9 : largest - chance.int(Math.ceil(largest / 2)),
      );
      talk.send(from, ACK, bytes.slice(at, at + length));
      at += length;
    }
    talk.send(from === 'client' ? 'server' : 'client', ACK);
  }
  return talk.close();
}

export interface Faults {
  /** Lose one packet in so many; 0 for none. */
  readonly loss: number;
  readonly lossOf: readonly TalkSide[];
  /** A direction that is not captured. */
  readonly without: TalkSide | null;
  /** Packets missing at the start. */
  readonly late: number;
  readonly duplicates: number;
  readonly reorder: number;
  /** Payload bytes that the snap length leaves; 0 for all. */
  readonly snap: number;
}

/** What a bad capture point makes of these packets. */
export function damaged(packets: readonly TalkPacket[], faults: Faults, chance: Chance): TalkPacket[] {
  const { loss, lossOf, without, late, duplicates, reorder, snap } = faults;
  const captured = packets
    .slice(late)
    .filter(({ from }) => from !== without)
    .filter(({ from }) => loss === 0 || !lossOf.includes(from) || !chance.once(loss))
    .map((packet) => (snap > 0 && packet.payload.length > snap ? { ...packet, captured: snap } : packet))
    .flatMap((packet) => (duplicates > 0 && chance.once(duplicates) ? [packet, packet] : [packet]));
  if (reorder > 0) {
    for (let at = 0; at + 1 < captured.length; at++) {
      if (!chance.once(reorder)) continue;
      const [moved] = captured.splice(at, 1);
      captured.splice(Math.min(captured.length, at + 1 + chance.int(4)), 0, moved);
    }
  }
  return captured;
}

export function randomFaults(chance: Chance): Faults {
  return {
    loss: chance.pick([0, 3, 6, 12]),
    lossOf: chance.pick([['client'], ['server'], ['client', 'server']]),
    without: chance.pick([null, null, 'client', 'server']),
    late: chance.once(4) ? chance.int(20) : 0,
    duplicates: chance.pick([0, 0, 5]),
    reorder: chance.pick([0, 0, 6]),
    snap: chance.once(8) ? 10 + chance.int(60) : 0,
  };
}

/** Secrets of which six characters in a row stand in the output. */
export function leaked(output: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) => {
    for (let at = 0; at + 6 <= secret.length; at++) {
      const piece = secret.slice(at, at + 6);
      if (output.includes(piece)) return [`${piece} of ${secret}`];
    }
    return [];
  });
}
