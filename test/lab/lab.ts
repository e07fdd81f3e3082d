/** What every maker of captures is given: where to work, where to save, and the manifest that grows with it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaptureTruth, Manifest, SessionTruth } from './truth.ts';

export const CAPTURES = fileURLToPath(new URL('../captures/', import.meta.url));

export interface Saved {
  readonly file: string;
  readonly content: Buffer | Readonly<Record<string, Buffer>>;
  readonly did: string;
  readonly tools: readonly string[];
  readonly sessions: readonly SessionTruth[];
  readonly packets: number | null;
  readonly rewrittenFrom?: string;
  readonly readable?: boolean;
  readonly format?: CaptureTruth['format'];
  readonly compression?: CaptureTruth['compression'];
  readonly linkTypes?: readonly string[];
  readonly keyLog?: string;
  readonly secretsInside?: true;
  readonly secrets?: readonly string[];
  readonly problems?: readonly string[];
}

export interface Lab {
  /** A temporary folder. */
  readonly directory: string;
  /** The namespace of the servers; this process runs in that of the clients. */
  readonly server: string;
  readonly save: (saved: Saved) => void;
  /** What the manifest says of a capture made before. */
  readonly truth: (file: string) => CaptureTruth;
  readonly keepLog: (name: string, text: string) => void;
  readonly writeManifest: () => void;
}

const NOTE =
  'Made by test/lab/generate.ts from real Postfix, swaks, OpenSSL, GnuTLS and from scripted peers on a private network, and by rewriting those. All names, keys and certificates are for tests. Truth is what the generator did; fingerprints come from the certificate files in test/lab/pki.';

const formatOf = (file: string): CaptureTruth['format'] =>
  file.includes('.pcapng') ? 'pcapng' : file.includes('.cap') ? 'netmon' : file.includes('.snoop') ? 'snoop' : 'pcap';

export function openLab(directory: string, server: string): Lab {
  const made: CaptureTruth[] = [];
  const save = (saved: Saved) => {
    mkdirSync(CAPTURES, { recursive: true });
    if (saved.content instanceof Buffer) {
      writeFileSync(join(CAPTURES, saved.file), saved.content);
    } else {
      for (const [name, content] of Object.entries(saved.content)) {
        mkdirSync(dirname(join(CAPTURES, saved.file, name)), { recursive: true });
        writeFileSync(join(CAPTURES, saved.file, name), content);
      }
    }
    let keyLog: string | null = null;
    if (saved.keyLog !== undefined) {
      keyLog = `${saved.file.replace(/\.(pcapng|pcap)(\.gz)?$/, '')}.keys.log`;
      writeFileSync(join(CAPTURES, keyLog), saved.keyLog);
    }
    made.push({
      file: saved.file,
      did: saved.did,
      tools: saved.tools,
      ...(saved.rewrittenFrom === undefined ? {} : { rewrittenFrom: saved.rewrittenFrom }),
      readable: saved.readable ?? true,
      format: saved.readable === false ? null : (saved.format ?? formatOf(saved.file)),
      compression: saved.compression ?? (saved.file.endsWith('.gz') ? 'gzip' : null),
      linkTypes: saved.linkTypes ?? (saved.packets === 0 || saved.readable === false ? [] : ['ETHERNET']),
      packets: saved.packets,
      keyLog,
      ...(saved.secretsInside ? { secretsInside: true } : {}),
      sessions: saved.sessions,
      secrets: saved.secrets ?? [],
      problems: saved.problems ?? [],
    });
    const size =
      saved.content instanceof Buffer
        ? saved.content.length
        : Object.values(saved.content).reduce((sum, each) => sum + each.length, 0);
    console.log(`${saved.file}  ${size} bytes, ${saved.packets ?? '-'} packets, ${saved.sessions.length} sessions`);
  };
  const writeManifest = () => {
    const path = join(CAPTURES, 'manifest.json');
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest).captures : [];
    const kept = before.filter(
      (old) => !made.some((each) => each.file === old.file) && existsSync(join(CAPTURES, old.file)),
    );
    const captures = [...kept, ...made].sort((a, b) => (a.file < b.file ? -1 : 1));
    writeFileSync(path, `${JSON.stringify({ note: NOTE, captures } satisfies Manifest, null, 2)}\n`);
  };
  const truth = (file: string) => {
    const path = join(CAPTURES, 'manifest.json');
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest).captures : [];
    const found = made.find((each) => each.file === file) ?? before.find((each) => each.file === file);
    if (found === undefined) throw new Error(`${file} has to be made first`);
    return found;
  };
  return {
    directory,
    server,
    save,
    truth,
    writeManifest,
    keepLog: (name, text) => writeFileSync(join(directory, `${name}.log`), text),
  };
}
