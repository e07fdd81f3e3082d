import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { describeReply, parseReplyLine, ReplyAssembler, withoutText } from '../../shared/smtp/reply.ts';
import { latin1 } from '../support/talk.ts';

const parse = (text: string) => parseReplyLine(latin1(text), 0, text.length);

/** Replies that these lines join to, as text. */
function assembled(...lines: readonly string[]): string[] {
  const assembler = new ReplyAssembler();
  return lines.flatMap((text) => {
    const line = parse(text);
    if (!line) throw new Error(`${text} is no reply line`);
    const reply = assembler.add(line);
    return reply ? [`${reply.code} ${reply.lines.join('|')}`] : [];
  });
}

describe('a reply line (RFC 5321 section 4.2)', () => {
  it.each([
    ['220 mx ESMTP', { code: 220, continues: false, text: 'mx ESMTP' }],
    ['250-SIZE 1000', { code: 250, continues: true, text: 'SIZE 1000' }],
    ['250', { code: 250, continues: false, text: '' }],
    ['250-', { code: 250, continues: true, text: '' }],
    ['354\tgo', { code: 354, continues: false, text: 'go' }],
    ['559 x', { code: 559, continues: false, text: 'x' }],
    ['250 trailing space  ', { code: 250, continues: false, text: 'trailing space' }],
  ])('%j', (text, line) => expect(parse(text)).toEqual(line));

  it.each(['', '2', '22', '120 no', '620 no', '260 no', '2a0 no', '2200 no', '220:no', ' 220 no', 'HTTP/1.1 200 OK'])(
    'none: %j',
    (text) => expect(parse(text)).toBeNull(),
  );

  it('text is cut at the cap', () => {
    const line = parse(`220 ${'x'.repeat(LIMITS.smtpTextCharacters + 50)}`);
    expect(line?.text).toHaveLength(LIMITS.smtpTextCharacters);
  });

  it('text that is not UTF-8 is read as Latin-1', () => {
    expect(parse('220 M\xfcnchen')?.text).toBe('München');
    expect(parse('220 M\xc3\xbcnchen')?.text).toBe('München');
  });
});

describe('a reply of several lines', () => {
  it('is joined by its hyphens', () => {
    expect(assembled('250-mx', '250-SIZE', '250 STARTTLS')).toEqual(['250 mx|SIZE|STARTTLS']);
  });

  it('with a wrong code in the middle: what came before is dropped, not joined', () => {
    expect(assembled('250-mx', '220 ready', '250 ok')).toEqual(['220 ready', '250 ok']);
    expect(assembled('250-mx', '251-x', '250 STARTTLS')).toEqual(['250 STARTTLS']);
  });

  it('keeps as many lines as the cap allows, and still ends', () => {
    const lines = Array.from({ length: LIMITS.smtpReplyLines + 20 }, (_, i) => `250-X${i}`);
    const [reply] = assembled(...lines, '250 last');
    expect(reply.split('|')).toHaveLength(LIMITS.smtpReplyLines);
  });

  it('behind a hole is partial, and only that one is', () => {
    const assembler = new ReplyAssembler();
    assembler.add({ code: 250, continues: true, text: 'mx' });
    assembler.hole();
    assembler.add({ code: 250, continues: true, text: 'SIZE' });
    const first = assembler.add({ code: 250, continues: false, text: 'HELP' });
    expect(first).toEqual({ code: 250, lines: ['SIZE', 'HELP'], isPartial: true });
    expect(assembler.add({ code: 220, continues: false, text: 'go' })?.isPartial).toBe(false);
  });
});

describe('a reply in words', () => {
  const reply = (code: number, ...lines: readonly string[]) => ({ code, lines, isPartial: false });

  it.each([
    [reply(250, 'mx'), '250 mx'],
    [reply(250, ''), '250'],
    [reply(250, 'mx', 'SIZE'), '250 mx (and 1 more line)'],
    [reply(250, 'mx', 'SIZE', 'HELP'), '250 mx (and 2 more lines)'],
  ])('%j', (given, text) => expect(describeReply(given)).toBe(text));

  it('without its text the enhanced status code remains (RFC 3463)', () => {
    expect(describeReply(withoutText(reply(535, '5.7.8 no: c2VjcmV0', 'more')))).toBe('535 5.7.8 (text not kept)');
    expect(describeReply(withoutText(reply(235, 'c2VjcmV0')))).toBe('235 (text not kept)');
    expect(describeReply(withoutText(reply(535, '5.7.8c2VjcmV0')))).toBe('535 (text not kept)');
  });
});
