/**
 * Scripted SMTP servers for behaviour that no decent server shows. Runs in the servers' namespace, one address each,
 * and writes "ready" when all of them listen.
 */
import { readFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { chainFile, keyFile } from './pki.ts';

type Say = (...lines: string[]) => void;

/** What to do with a command line; false when the lines that follow are somebody else's. */
type Obey = (line: string, say: Say, socket: Socket) => boolean | undefined;

const greeting = (name: string) => `220 ${name} ESMTP`;
const FEATURES = ['PIPELINING', 'SIZE 10240000', '8BITMIME'];
const ehlo = (name: string, ...more: string[]) => {
  const lines = [name, ...FEATURES, ...more];
  return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`);
};

/** Reads lines from `stream` and obeys them, starting with what was pushed back. */
function converse(stream: Socket, obey: Obey, first?: string): void {
  let held = '';
  const say: Say = (...lines) => {
    if (!stream.destroyed) stream.write(lines.map((line) => `${line}\r\n`).join(''));
  };
  const listen = (data: Buffer) => {
    held += data.toString('latin1');
    for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
      const line = held.slice(0, end);
      held = held.slice(end + 2);
      if (obey(line, say, stream) === false) {
        stream.removeListener('data', listen);
        return;
      }
    }
  };
  stream.on('data', listen);
  stream.on('error', () => stream.destroy());
  if (first !== undefined) say(first);
}

const ordinary: Obey = (line, say, socket) => {
  const verb = line.split(' ')[0].toUpperCase();
  if (verb === 'QUIT') {
    say('221 2.0.0 Bye');
    socket.end();
  } else if (verb === 'EHLO') say(...ehlo('peer.northwind.example'));
  else if (verb === 'DATA') say('354 End data with <CR><LF>.<CR><LF>');
  else if (['MAIL', 'RCPT', 'RSET', 'NOOP', 'HELO', '.'].includes(verb)) say('250 2.0.0 Ok');
  else say('500 5.5.2 Error: command not recognized');
  return undefined;
};

/** Becomes the TLS server on this connection and goes on with SMTP inside. */
function beginTls(socket: Socket, chain: string, more: object = {}): void {
  const inner = new TLSSocket(socket, {
    isServer: true,
    key: readFileSync(keyFile(chain)),
    cert: readFileSync(chainFile(chain)),
    maxVersion: 'TLSv1.2',
    ...more,
  });
  converse(inner, ordinary);
}

/** Becomes a pipe to a real server's TLS, and breaks off after so many of its bytes. */
function cutAfter(socket: Socket, bytes: number, how: 'fin' | 'rst', upstream: string): void {
  let left = bytes;
  let step = 0;
  const real = createConnection(25, upstream);
  real.on('error', () => socket.destroy());
  real.on('data', (data) => {
    if (step < 2) {
      // The real server's greeting and its answer to EHLO and STARTTLS are not for the client.
      const text = data.toString('latin1');
      if (step === 0) real.write('EHLO mail.contoso.com\r\nSTARTTLS\r\n');
      step = text.includes('220 2.0.0') ? 2 : 1;
      if (step === 2) {
        socket.write('220 2.0.0 Ready to start TLS\r\n');
        socket.on('data', (hello) => real.write(hello));
      }
      return;
    }
    socket.write(data.subarray(0, left));
    left -= data.length;
    if (left <= 0) {
      real.destroy();
      if (how === 'fin') socket.end();
      else setTimeout(() => socket.resetAndDestroy(), 100);
    }
  });
}

const offering =
  (name: string, starttls: Obey, ...extra: string[]): Obey =>
  (line, say, socket) => {
    const verb = line.split(' ')[0].toUpperCase();
    if (verb === 'EHLO') say(...ehlo(name, ...extra, 'STARTTLS'));
    else if (verb === 'STARTTLS' || verb === 'X-ANONYMOUSTLS') return starttls(line, say, socket);
    else return ordinary(line, say, socket);
    return undefined;
  };

const authenticating = (): Obey => {
  let waiting = 0;
  return (line, say, socket) => {
    if (waiting > 0) {
      waiting -= 1;
      say(waiting > 0 ? '334 UGFzc3dvcmQ6' : '235 2.7.0 Authentication successful');
      return undefined;
    }
    const [first, second, initial] = line.split(' ');
    const verb = first.toUpperCase();
    const mechanism = second?.toUpperCase();
    if (verb === 'EHLO')
      say(...ehlo('exchange.northwind.example', 'AUTH PLAIN LOGIN NTLM', 'X-EXPS GSSAPI NTLM', 'STARTTLS'));
    else if ((verb === 'AUTH' || verb === 'X-EXPS') && mechanism === 'LOGIN') {
      waiting = initial === undefined ? 2 : 1;
      say(initial === undefined ? '334 VXNlcm5hbWU6' : '334 UGFzc3dvcmQ6');
    } else if (verb === 'AUTH' && mechanism === 'PLAIN' && initial === undefined) {
      waiting = 1;
      say('334 ');
    } else if (verb === 'X-EXPS' && initial !== undefined) {
      waiting = 1;
      say('334 TlRMTVNTUAACAAAAAAAAADgAAAABggAA');
    } else if (verb === 'AUTH') say('235 2.7.0 Authentication successful');
    else return ordinary(line, say, socket);
    return undefined;
  };
};

const northwind = 'peer.northwind.example';
const SERVERS: Readonly<Record<string, (socket: Socket) => void>> = {
  // A middlebox that overwrites the keyword, as Cisco's "fixup" does, and eats the command.
  '10.99.0.60': (s) =>
    converse(
      s,
      (line, say, socket) => {
        if (line.startsWith('EHLO')) {
          say(...ehlo(northwind, 'XXXXXXXA'));
          return undefined;
        }
        return ordinary(line, say, socket);
      },
      '220 **************************',
    ),
  '10.99.0.61': (s) =>
    converse(
      s,
      offering(northwind, (_, say) => {
        say('502 5.5.1 Command not implemented');
        return undefined;
      }),
      greeting(northwind),
    ),
  '10.99.0.62': (s) =>
    converse(
      s,
      offering(
        'exchange.northwind.example',
        (_, say, socket) => {
          say('220 2.0.0 SMTP server ready');
          beginTls(socket, 'self-signed');
          return false;
        },
        'X-ANONYMOUSTLS',
        'AUTH NTLM',
        'X-EXPS GSSAPI NTLM',
        'XEXCH50',
        'CHUNKING',
      ),
      '220 exchange.northwind.example Microsoft ESMTP MAIL Service ready',
    ),
  // A man in the middle puts a reply behind the 220, into what the client believes to be protected.
  '10.99.0.63': (s) =>
    converse(
      s,
      offering(northwind, (_, say, socket) => {
        say('220 2.0.0 Ready to start TLS', '250-injected.example', '250 AUTH PLAIN');
        beginTls(socket, 'northwind');
        return false;
      }),
      greeting(northwind),
    ),
  '10.99.0.64': (s) =>
    converse(
      s,
      offering(northwind, (_, say) => {
        say('220 2.0.0 Ready to start TLS');
        return undefined;
      }),
      greeting(northwind),
    ),
  '10.99.0.65': (s) => {
    s.end('421 4.3.2 peer.northwind.example Service not available, closing transmission channel\r\n');
  },
  '10.99.0.66': (s) =>
    converse(
      s,
      (line, say, socket) => {
        if (line.startsWith('QUIT')) return ordinary(line, say, socket);
        say('503 5.5.1 Bad sequence of commands');
        return undefined;
      },
      '554-peer.northwind.example\r\n554 5.7.1 No SMTP service here for you',
    ),
  '10.99.0.67': () => undefined,
  // Only the dialogue up to the 220; TLS is that of `openssl s_server`.
  '10.99.0.68': (s) =>
    converse(
      s,
      offering(northwind, (_, say, socket) => {
        const real = createConnection(4433, '127.0.0.1');
        real.on('error', () => socket.destroy());
        socket.pipe(real).pipe(socket);
        say('220 2.0.0 Ready to start TLS');
        return false;
      }),
      greeting(northwind),
    ),
  '10.99.0.69': (s) =>
    converse(
      s,
      offering(northwind, (_, __, socket) => {
        setTimeout(() => socket.end(), 300);
        return false;
      }),
      greeting(northwind),
    ),
  '10.99.0.70': (s) =>
    converse(s, authenticating(), '220 exchange.northwind.example Microsoft ESMTP MAIL Service ready'),
  '10.99.0.71': (s) =>
    converse(
      s,
      offering(northwind, (_, say, socket) => {
        say('220 2.0.0 Ready to start TLS');
        socket.once('data', () => socket.resetAndDestroy());
        return false;
      }),
      greeting(northwind),
    ),
  '10.99.0.72': (s) =>
    converse(
      s,
      offering(northwind, (_, __, socket) => {
        cutAfter(socket, 1000, 'fin', '10.99.0.39');
        return false;
      }),
      greeting(northwind),
    ),
  // The reply to EHLO in single bytes, and the 220 in two segments.
  '10.99.0.73': (s) => {
    s.setNoDelay(true);
    converse(
      s,
      (line, say, socket) => {
        const dribble = (text: string, then: () => void) => {
          [...text].forEach((letter, i) => {
            setTimeout(() => {
              socket.write(letter);
              // At once: the client answers the last byte, and nothing of its answer may be missed.
              if (i === text.length - 1) then();
            }, 4 * i);
          });
        };
        if (line.startsWith('EHLO'))
          dribble(
            ehlo('slow.example', 'STARTTLS')
              .map((each) => `${each}\r\n`)
              .join(''),
            () => undefined,
          );
        else if (line === 'STARTTLS') {
          dribble('220 2.0.0 Go\r\n', () => beginTls(socket, 'northwind'));
          return false;
        } else return ordinary(line, say, socket);
        return undefined;
      },
      '220-slow.example speaks\r\n220 in two lines',
    );
  },
  // Bytes that only claim to be a certificate, in real TLS 1.2 messages.
  '10.99.0.74': (s) =>
    converse(
      s,
      offering(northwind, (_, say, socket) => {
        say('220 2.0.0 Ready to start TLS');
        socket.once('data', () => {
          const hello = Buffer.concat([
            Buffer.from([3, 3]),
            Buffer.alloc(32, 0x54),
            Buffer.from([0, 0xc0, 0x30, 0, 0, 5, 0xff, 1, 0, 1, 0]),
          ]);
          const noise = Buffer.from('TEST this is not a certificate but sits where one belongs');
          const entry = Buffer.concat([Buffer.from([0, 0, noise.length]), noise]);
          const list = Buffer.concat([Buffer.from([0, 0, entry.length]), entry]);
          const message = (type: number, body: Buffer) =>
            Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]);
          const messages = Buffer.concat([message(2, hello), message(11, list)]);
          socket.write(Buffer.concat([Buffer.from([22, 3, 3, messages.length >> 8, messages.length & 255]), messages]));
          setTimeout(() => socket.end(), 400);
        });
        return false;
      }),
      greeting(northwind),
    ),
};

let pending = Object.keys(SERVERS).length;
for (const [address, serve] of Object.entries(SERVERS)) {
  createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(15_000, () => socket.destroy());
    serve(socket);
  }).listen(25, address, () => {
    pending -= 1;
    if (pending === 0) console.log('ready');
  });
}
