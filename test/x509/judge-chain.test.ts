import { describe, expect, it } from 'vitest';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import { judgeChain } from '../../shared/x509/path/judge-chain.ts';
import type { ChainJudgement, PathRequest } from '../../shared/x509/path/model.ts';
import { anchor, authority, entity, request, server } from '../support/path-certificates.ts';

const [ROOT, UPPER, ISSUING, OTHER] = ['Root', 'Upper', 'Issuing', 'Other'].map((text) => entity(text));
const root = authority(ROOT, ROOT);
const upper = authority(UPPER, ROOT);
const issuing = authority(ISSUING, UPPER);
const other = authority(OTHER, OTHER);
const mail = server(entity('mail.example.com'), ISSUING);

function judge(
  sent: readonly X509Certificate[],
  known: readonly X509Certificate[] = [],
  given: Partial<PathRequest> = {},
): Promise<ChainJudgement> {
  return judgeChain(sent, known, request({ target: mail, anchors: [anchor(root)], ...given }));
}

const told = ({ differences }: ChainJudgement): string[] =>
  differences.map(({ code, severity, certificate }) => {
    const subject = [mail, issuing, upper, root, other].find(({ sha256 }) => sha256 === certificate)?.subject.text;
    return `${severity} ${code} ${subject}`;
  });

describe('a chain as it was sent (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2)', () => {
  it('in order and complete has no differences', async () => {
    const judgement = await judge([mail, issuing, upper]);
    expect(judgement.asSent.outcome).toBe('valid');
    expect(judgement.completed).toBeNull();
    expect(told(judgement)).toEqual([]);
  });

  it('with the root at its end', async () => {
    expect(told(await judge([mail, issuing, upper, root]))).toEqual(['note root-included CN=Root']);
  });

  it('without an intermediate: what must be added, and the path that it makes', async () => {
    const judgement = await judge([mail, issuing], [other, upper]);
    expect(judgement.asSent.outcome).toBe('invalid');
    expect(judgement.asSent.findings[0].code).toBe('issuer-not-found');
    expect(judgement.completed?.outcome).toBe('valid');
    expect(judgement.completed?.path).toHaveLength(4);
    expect(told(judgement)).toEqual(['warning missing-intermediate CN=Upper']);
    expect(judgement.differences[0].message).toMatch(/^Upper, .*must be set up to send it/);
  });

  it('without any intermediate names all of them', async () => {
    expect(told(await judge([mail], [upper, issuing]))).toEqual([
      'warning missing-intermediate CN=Issuing',
      'warning missing-intermediate CN=Upper',
    ]);
  });

  it('known certificates that do not help leave nothing completed', async () => {
    const judgement = await judge([mail], [other]);
    expect(judgement.completed).toBeNull();
    expect(told(judgement)).toEqual([]);
  });

  it('in the wrong order is valid, and told', async () => {
    const judgement = await judge([mail, upper, issuing]);
    expect(judgement.asSent.outcome).toBe('valid');
    expect(told(judgement)).toEqual(['warning wrong-order CN=Upper']);
  });

  it('with certificates that belong to nothing, and twice', async () => {
    expect(told(await judge([mail, other, issuing, issuing, upper]))).toEqual([
      'note surplus-certificate CN=Other',
      'note surplus-certificate CN=Issuing',
    ]);
  });

  it('of an unknown root tells nothing about surplus', async () => {
    const judgement = await judge([mail, issuing, upper, other], [], { anchors: [anchor(authority(ROOT, ROOT), {})] });
    expect(judgement.asSent.outcome).toBe('valid');
    const none = await judge([mail, issuing, upper, root], [], { anchors: [anchor(other)] });
    expect(none.asSent.outcome).toBe('invalid');
    expect(told(none)).toEqual([]);
  });

  it('of nothing at all', async () => {
    const judgement = await judge([]);
    expect(judgement.asSent.outcome).toBe('invalid');
    expect(judgement.asSent.findings.map(({ code }) => code)).toEqual(['no-certificate']);
  });
});
