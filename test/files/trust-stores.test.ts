import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { TrustHost } from '../../electron/files/trust-host.ts';
import {
  listTrustPolicies,
  locateTrust,
  OlderPolicyError,
  resolveTrust,
  TrustError,
  updateTrustPolicy,
} from '../../electron/files/trust-stores.ts';
import { policyFolder } from '../../electron/files/user-policies.ts';

const PKI = join(import.meta.dirname, '../lab/pki');
const pem = (name: string): string => readFileSync(join(PKI, `${name}.crt.pem`), 'utf8');
const der = (name: string): Buffer => Buffer.from(pem(name).replace(/-----[^-]+-----|\s/g, ''), 'base64');

/** 2014-09-03 in UTC. */
const BEGINNING_OF_DAY = Date.UTC(2014, 8, 3) / 1000;

const made: string[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starttrace-trust-'));
  made.push(folder);
});
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

function host(changes: Partial<TrustHost> = {}): TrustHost {
  return {
    platform: 'linux',
    environment: { XDG_DATA_HOME: join(folder, 'data') },
    home: join(folder, 'home'),
    now: Date.UTC(2026, 0, 2) / 1000,
    run: () => Promise.reject(new Error('no program may run here')),
    ...changes,
  };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '      ');
const document = (name: string, issued: string, more = ''): string =>
  `# ours\nversion: 1\nname: ${name}\ntitle: Ours\nissued: ${issued}\nsource: us\nanchors:\n  - pem: |\n${indented(pem('baltimore'))}${more}`;

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TrustError) return error.message;
    throw error;
  }
  return 'no failure';
}

describe('by name', () => {
  it('mozilla is what Node carries, with the list that it is', async () => {
    const { policy, problems } = await resolveTrust('mozilla', host());
    expect(policy.anchors).toHaveLength(rootCertificates.length);
    expect(policy.source).toContain(process.versions.node);
    expect(policy.issued).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(problems).toEqual([]);
  });

  it('a name that is nearly right', async () => {
    expect(await failure(resolveTrust('eop-2104', host()))).toMatch(
      /no trust policy and no file.*Did you mean eop-20\d\d\?/,
    );
    expect(await failure(resolveTrust('nothing-like-it', host()))).toMatch(/Policies are mozilla, system, eop-2014/);
  });

  it('a policy goes before a file of the same name in the folder at hand', async () => {
    expect((await locateTrust('eop-2014', host())).origin).toBe('built-in');
  });
});

describe('the store of the system', () => {
  it('Linux: the file that SSL_CERT_FILE names', async () => {
    const bundle = file('bundle.pem', pem('baltimore') + pem('partner-root') + pem('contoso'));
    utimesSync(bundle, BEGINNING_OF_DAY, BEGINNING_OF_DAY);
    const { policy, problems } = await resolveTrust('system', host({ environment: { SSL_CERT_FILE: bundle } }));
    expect(policy.anchors).toHaveLength(2);
    expect(policy.source).toBe(bundle);
    expect(policy.issued).toBe('2014-09-03');
    expect(problems.map(({ code }) => code)).toEqual(['trust-not-an-authority']);
  });

  it('Linux: the folder that SSL_CERT_DIR names, with links to the same root', async () => {
    const roots = join(folder, 'roots');
    mkdirSync(roots);
    writeFileSync(join(roots, 'a.pem'), pem('baltimore'));
    symlinkSync('a.pem', join(roots, '12345678.0'));
    const { policy } = await resolveTrust('system', host({ environment: { SSL_CERT_DIR: roots } }));
    expect(policy.anchors).toHaveLength(1);
  });

  it('Linux: what SSL_CERT_FILE names is not there', async () => {
    const message = await failure(
      resolveTrust('system', host({ environment: { SSL_CERT_FILE: join(folder, 'none') } })),
    );
    expect(message).toMatch(/SSL_CERT_FILE .* is not there: correct or unset it/);
  });

  it('macOS: what security prints of both keychains', async () => {
    const ran: (readonly string[])[] = [];
    const run = async (program: string, args: readonly string[]) => {
      ran.push([program, ...args]);
      return pem('baltimore') + pem('partner-root') + pem('baltimore');
    };
    const { policy } = await resolveTrust('system', host({ platform: 'darwin', run }));
    expect(policy.anchors).toHaveLength(2);
    expect(policy.issued).toBe('2026-01-02');
    expect(ran).toEqual([
      [
        '/usr/bin/security',
        'find-certificate',
        '-a',
        '-p',
        '/System/Library/Keychains/SystemRootCertificates.keychain',
        '/Library/Keychains/System.keychain',
      ],
    ]);
  });

  it('Windows: what PowerShell prints, with its line ends', async () => {
    const run = async (program: string, args: readonly string[]) => {
      expect(program).toBe('powershell.exe');
      expect(args.at(-1)).toContain('Cert:\\LocalMachine\\Root');
      return pem('baltimore').replaceAll('\n', '\r\n');
    };
    const { policy } = await resolveTrust('system', host({ platform: 'win32', run }));
    expect(policy.anchors).toHaveLength(1);
  });

  it.each(['darwin', 'win32'] as const)('%s: the program fails', async (platform) => {
    const run = () => Promise.reject(Object.assign(new Error('spawn'), { code: 'ENOENT' }));
    const message = await failure(resolveTrust('system', host({ platform, run })));
    expect(message).toMatch(/failed .*no such file.*use --trust mozilla/);
  });

  it('a machine without roots', async () => {
    const message = await failure(resolveTrust('system', host({ platform: 'darwin', run: async () => '' })));
    expect(message).toMatch(/There is no root in .*use --trust mozilla/);
  });
});

describe('by file', () => {
  it.each<[string, () => string | Uint8Array]>([
    ['roots.pem', () => pem('baltimore') + pem('partner-root') + pem('baltimore')],
    ['root.der', () => der('baltimore')],
    ['root', () => pem('baltimore')],
    ['policy.yaml', () => document('ours', '2020-01-01')],
    [
      'policy.json',
      () =>
        JSON.stringify({
          version: 1,
          name: 'ours',
          title: 'x',
          issued: '2020-01-01',
          source: 'x',
          anchors: [{ pem: pem('baltimore') }],
        }),
    ],
    ['policy', () => document('ours', '2020-01-01')],
  ])('%s', async (name, content) => {
    const path = file(name, content());
    const { policy, origin, file: place } = await locateTrust(path, host());
    expect(policy.anchors.length).toBe(name === 'roots.pem' ? 2 : 1);
    expect([origin, place]).toEqual(['given', path]);
    expect(policy.name).toBe(name.startsWith('policy') ? 'ours' : path);
  });

  it('who names a certificate means it, also where it is no authority', async () => {
    expect((await resolveTrust(file('server.pem', pem('contoso')), host())).policy.anchors).toHaveLength(1);
  });

  it('a policy takes certificates from files beside it', async () => {
    file('root.pem', pem('partner-root'));
    for (const name of ['root.pem', join(folder, 'root.pem')]) {
      const path = file('policy.yaml', document('ours', '2020-01-01', `  - file: ${name}\n`));
      expect((await resolveTrust(path, host())).policy.anchors).toHaveLength(2);
    }
  });

  it('mistakes are told with file, line and column', async () => {
    const path = file('policy.yaml', document('ours', '2020-01-01', 'ruls: {}\n'));
    expect(await failure(resolveTrust(path, host()))).toMatch(
      new RegExp(`^${path}:\\d+:1: "ruls" is not known here\\. Did you mean rules\\?$`),
    );
    const missing = file('missing.yaml', document('ours', '2020-01-01', '  - file: none.pem\n'));
    expect(await failure(resolveTrust(missing, host()))).toMatch(
      /missing\.yaml:\d+:11: .*none\.pem: there is no such file/,
    );
  });

  it.each<[string, string, RegExp]>([
    ['an empty file', '', /it is empty/],
    ['a text', 'hello', /neither a certificate nor a CRL/],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be read/],
  ])('%s', async (_, content, message) => {
    const text = await failure(resolveTrust(file('some.pem', content), host()));
    expect(text).toMatch(message);
    expect(text).toMatch(
      /there is no root in it. Give certificates in PEM, DER or \.p7b, or a trust policy in YAML\.$/,
    );
  });

  it('a damaged certificate among sound ones is a problem, and the sound ones count', async () => {
    const path = file('roots.pem', `${pem('baltimore')}-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n`);
    const { policy, problems } = await resolveTrust(path, host());
    expect(policy.anchors).toHaveLength(1);
    expect(problems[0].message).toMatch(new RegExp(`^${path}, line \\d+: `));
  });
});

describe('by folder', () => {
  it('its authorities count, everything else is told', async () => {
    file('a-root.pem', pem('baltimore'));
    file('b-same-root.der', der('baltimore'));
    file('c-server.pem', pem('contoso'));
    file('d-note.txt', 'roots of ours');
    file('.hidden', 'x');
    mkdirSync(join(folder, 'below'));
    const { policy, problems } = await resolveTrust(folder, host());
    expect(policy.anchors.map(({ source }) => source)).toEqual([join(folder, 'a-root.pem')]);
    expect(problems.map(({ message }) => message.slice(folder.length + 1).split(':')[0])).toEqual([
      'd-note.txt',
      'c-server.pem',
    ]);
  });

  it('without any root', async () => {
    file('server.pem', pem('contoso'));
    expect(await failure(resolveTrust(folder, host()))).toMatch(
      /server\.pem: CN=.* is no certificate authority[\s\S]*no root in it/,
    );
  });
});

describe("the user's policies", () => {
  it.each<[NodeJS.Platform, Record<string, string>, string]>([
    ['linux', {}, '.local/share/starttrace/policies'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/starttrace/policies'],
    ['darwin', {}, 'Library/Application Support/starttrace/policies'],
    ['win32', { APPDATA: '/roaming' }, '/roaming/starttrace/policies'],
    ['win32', {}, 'AppData/Roaming/starttrace/policies'],
  ])('%s %o: %s', (platform, environment, place) => {
    expect(policyFolder(host({ platform, environment }))).toContain(place);
  });

  it('an update puts a policy in place, and its name finds it', async () => {
    const { file: place, before } = await updateTrustPolicy(
      file('p.yaml', document('ours', '2020-01-01')),
      false,
      host(),
    );
    expect(before).toBeNull();
    expect(readFileSync(place, 'utf8')).toBe(document('ours', '2020-01-01'));
    expect(readdirSync(policyFolder(host()))).toEqual(['ours.yaml']);
    expect(await locateTrust('ours', host())).toMatchObject({ origin: 'user', file: place, replacesBuiltIn: false });
  });

  it('what is kept needs no other file', async () => {
    const root = file('root.pem', pem('partner-root'));
    const path = file('p.yaml', document('ours', '2020-01-01', '  - file: root.pem\n    source: there\n'));
    await updateTrustPolicy(path, false, host());
    rmSync(root);
    const { policy } = await resolveTrust('ours', host());
    expect(policy.anchors.map(({ source }) => source)).toEqual(['us', 'there']);
  });

  it('never goes back to an older day, unless it is forced', async () => {
    await updateTrustPolicy(file('new.yaml', document('ours', '2020-01-02')), false, host());
    const older = file('old.yaml', document('ours', '2020-01-01'));
    await expect(updateTrustPolicy(older, false, host())).rejects.toThrow(OlderPolicyError);
    expect((await resolveTrust('ours', host())).policy.issued).toBe('2020-01-02');
    await updateTrustPolicy(file('same.yaml', document('ours', '2020-01-02')), false, host());
    await updateTrustPolicy(older, true, host());
    expect((await resolveTrust('ours', host())).policy.issued).toBe('2020-01-01');
  });

  it('one of a built-in name replaces that one, and the list says so', async () => {
    const path = file('p.yaml', document('eop-2014', '2999-01-01'));
    await expect(updateTrustPolicy(file('o.yaml', document('eop-2014', '2014-01-01')), false, host())).rejects.toThrow(
      /the one that comes with StartTrace is of/,
    );
    await updateTrustPolicy(path, false, host());
    expect((await resolveTrust('eop-2014', host())).policy.title).toBe('Ours');
    const { policies } = await listTrustPolicies(host());
    expect(policies.filter(({ replacesBuiltIn }) => replacesBuiltIn).map(({ policy }) => policy.name)).toEqual([
      'eop-2014',
    ]);
  });

  it('one that includes its own name takes up the built-in one', async () => {
    const text = document('eop-2026', '2999-01-01', 'includes: [eop-2026]\n');
    await updateTrustPolicy(file('p.yaml', text), false, host());
    expect((await resolveTrust('eop-2026', host())).policy.anchors).toHaveLength(2);
    // Once more, now that it is in place itself.
    await updateTrustPolicy(file('p.yaml', text), false, host());
    expect((await resolveTrust('eop-2026', host())).policy.anchors).toHaveLength(2);
  });

  it('policies that include each other are told', async () => {
    await updateTrustPolicy(file('a.yaml', document('a', '2020-01-01')), false, host());
    await updateTrustPolicy(file('b.yaml', document('b', '2020-01-01', 'includes: [a]\n')), false, host());
    const back = file('a.yaml', document('a', '2020-01-02', 'includes: [b]\n'));
    expect(await failure(updateTrustPolicy(back, false, host()))).toMatch(/include each other: a → b → a/);
    const self = file('c.yaml', document('c', '2020-01-01', 'includes: [c]\n'));
    expect(await failure(updateTrustPolicy(self, false, host()))).toMatch(/There is no policy c/);
  });

  it('a broken update changes nothing', async () => {
    await updateTrustPolicy(file('p.yaml', document('ours', '2020-01-01')), false, host());
    expect(await failure(updateTrustPolicy(file('b.yaml', 'version: 1\nname: ours\n'), false, host()))).toMatch(
      /is missing/,
    );
    expect(await failure(updateTrustPolicy(join(folder, 'none.yaml'), false, host()))).toMatch(/there is no such file/);
    expect(await failure(updateTrustPolicy(folder, false, host()))).toMatch(/it is a folder; a policy is one file/);
    expect(readdirSync(policyFolder(host()))).toEqual(['ours.yaml']);
  });

  it('a broken policy in the folder is told in the list, and can be replaced', async () => {
    mkdirSync(policyFolder(host()), { recursive: true });
    writeFileSync(join(policyFolder(host()), 'ours.json'), '{"version": 1,,}');
    writeFileSync(join(policyFolder(host()), 'other.yaml'), document('another', '2020-01-01'));
    const { policies, problems } = await listTrustPolicies(host());
    expect(policies.map(({ policy }) => policy.name)).not.toContain('ours');
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/other\.yaml: the policy in it is called another: name the file another\.yaml\./),
      expect.stringMatching(/ours\.json:1:15: This is not YAML/),
    ]);
    await updateTrustPolicy(file('p.yaml', document('ours', '2020-01-01')), false, host());
    expect(readdirSync(policyFolder(host())).sort()).toEqual(['other.yaml', 'ours.yaml']);
  });
});
