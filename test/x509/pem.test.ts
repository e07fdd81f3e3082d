import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { decodeBase64, encodeBase64 } from '../../shared/x509/base64.ts';
import { readPem, writePem } from '../../shared/x509/pem.ts';
import { certificate } from '../support/der.ts';

const der = certificate();
const pem = writePem(der);

describe('base64 (RFC 4648)', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('section 10: %j is %j', (text, encoded) => {
    expect(encodeBase64(new TextEncoder().encode(text))).toBe(encoded);
    expect(decodeBase64(encoded)).toEqual({ bytes: new TextEncoder().encode(text), defect: null });
  });

  it('agrees with the platform on any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const encoded = encodeBase64(octets);
        expect(encoded).toBe(Buffer.from(octets).toString('base64'));
        expect(decodeBase64(encoded).bytes).toEqual(octets);
        expect(decodeBase64(encoded.replaceAll('=', '')).bytes).toEqual(octets);
      }),
    );
  });

  it.each(['Zg=', 'Z', 'Zm9vY', 'Zh==', 'Zm9v=', 'Zg===', 'Z===', 'Zg==Zg==', 'Zm9v-', 'Zm9v\u0100', 'Zm\u00a09v'])(
    'finds the defect of %j',
    (text) => {
      expect(decodeBase64(text).defect).not.toBeNull();
    },
  );

  it('keeps the octets before a defect', () => {
    expect(decodeBase64('Zm9v!Zm9v').bytes).toEqual(new TextEncoder().encode('foo'));
  });
});

describe('PEM (RFC 7468)', () => {
  it('reads what it writes, in lines of 64 characters', () => {
    expect(readPem(pem)).toEqual({ blocks: [{ label: 'CERTIFICATE', der, line: 1, problem: null }], problem: null });
    const lines = pem.trimEnd().split('\n');
    expect(lines.slice(1, -2).every((line) => line.length === 64)).toBe(true);
    expect(lines.at(-2)?.length).toBeLessThanOrEqual(64);
    for (const size of [0, 47, 48, 49, 96]) {
      expect(readPem(writePem(new Uint8Array(size))).blocks[0].der).toHaveLength(size);
    }
  });

  it.each([
    ['CR LF', pem.replaceAll('\n', '\r\n')],
    ['CR alone', pem.replaceAll('\n', '\r')],
    ['no final line end', pem.trimEnd()],
    ['spaces around lines', pem.replaceAll('\n', ' \t\n  ')],
    ['one long line', pem.replace(/([^-])\n(?!-)/g, '$1')],
    ['empty lines', pem.replaceAll('\n', '\n\n')],
    ['a byte order mark', `\ufeff${pem}`],
    ['text before it', `subject=CN = x\nissuer=CN = y\n${pem}trailing words`],
    ['bag attributes', `Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n${pem}`],
    ['headers without the empty line behind them', pem.replace('\n', '\nComment: x\n')],
    ['headers inside (RFC 1421)', pem.replace('\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n')],
  ])('takes %s', (_, text) => {
    for (const input of [text, new TextEncoder().encode(text)]) {
      expect(readPem(input).blocks.map((block) => [block.der, block.problem])).toEqual([[der, null]]);
    }
  });

  it('takes UTF-16 in both orders, as PowerShell writes it', () => {
    const little = Buffer.from(`\ufeff${pem}`, 'utf16le');
    expect(readPem(little).blocks[0]).toMatchObject({ der, problem: null });
    expect(readPem(Buffer.from(little).swap16()).blocks[0]).toMatchObject({ der, problem: null });
  });

  it('reads blocks of any label in order, with the line of each', () => {
    const key = writePem(Uint8Array.of(1), 'RSA PRIVATE KEY');
    const { blocks } = readPem(`comment\n${key}\n${pem}`);
    expect(blocks.map(({ label, line }) => [label, line])).toEqual([
      ['RSA PRIVATE KEY', 2],
      ['CERTIFICATE', 6],
    ]);
  });

  it.each([
    ['no END', pem.replace(/-----END.*/s, ''), ['pem-unterminated']],
    ['a second BEGIN', pem.replace(/-----END.*/s, '') + pem, ['pem-unterminated', null]],
    ['another label at END', pem.replace('END CERTIFICATE', 'END X509 CRL'), ['pem-label-mismatch']],
    ['a character that is not base64', pem.replace('\nMI', '\nM*'), ['pem-base64']],
  ])('%s: keeps the block and says so', (_, text, codes) => {
    expect(readPem(text).blocks.map((block) => block.problem?.code ?? null)).toEqual(codes);
  });

  it('finds nothing in other text', () => {
    expect(readPem('-----BEGIN \n-----\n----BEGIN X----\nMIIB')).toEqual({ blocks: [], problem: null });
  });

  it('is bounded', () => {
    const many = '-----BEGIN X-----\n-----END X-----\n'.repeat(LIMITS.pemBlocks + 1);
    expect(readPem(many)).toMatchObject({ problem: { code: 'pem-too-many-blocks' } });
    expect(readPem(many).blocks).toHaveLength(LIMITS.pemBlocks);
    expect(readPem('\n'.repeat(LIMITS.pemBytes))).toEqual({ blocks: [], problem: null });
    expect(readPem(`-----BEGIN X-----\n${'a:\n'.repeat(1_000_000)}`).blocks).toHaveLength(1);
    expect(readPem(new Uint8Array(LIMITS.pemBytes + 1))).toMatchObject({
      blocks: [],
      problem: { code: 'pem-too-large' },
    });
  });

  it('never throws, whatever the text', () => {
    const line = fc.constantFrom(
      '-----BEGIN A-----',
      '-----END A-----',
      '-----END B-----',
      'MIIB',
      'x: y',
      '',
      '\r',
      '=',
      '*',
    );
    fc.assert(
      fc.property(fc.array(line), (parts) => {
        for (const block of readPem(parts.join('\n')).blocks) expect(block.line).toBeGreaterThan(0);
      }),
    );
  });
});
