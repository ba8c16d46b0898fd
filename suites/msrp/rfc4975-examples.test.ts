import { describe, expect, it } from 'vitest';
import { type MsrpFrame, msrpHeader, writeMsrpFrame } from '../../stack/rcs/msrp/index.ts';
import { framesOf, octets, text } from './support/frames.ts';

const EXAMPLES: Readonly<Record<string, string>> = {
  'section 4, SEND': `MSRP a786hjs2 SEND
To-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp
From-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp
Message-ID: 87652491
Byte-Range: 1-25/25
Content-Type: text/plain

Hey Bob, are you there?
-------a786hjs2$
`,
  'section 4, response': `MSRP a786hjs2 200 OK
To-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp
From-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp
-------a786hjs2$
`,
  'section 11.1, SEND': `MSRP d93kswow SEND
To-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp
From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp
Message-ID: 12339sdqwer
Byte-Range: 1-16/16
Content-Type: text/plain

Hi, I'm Alice!
-------d93kswow$
`,
  'section 11.1, response': `MSRP d93kswow 200 OK
To-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp
From-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp
-------d93kswow$
`,
  'section 11.1, the other way': `MSRP dkei38sd SEND
To-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp
From-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp
Message-ID: 456s9wlk3
Byte-Range: 1-21/21
Content-Type: text/plain

Hi, Alice!  I'm Bob!
-------dkei38sd$
`,
  'section 11.3, a message of several lines': `MSRP d93kswow SEND
To-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp
From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp
Message-ID: 12339sdqwer
Byte-Range: 1-106/106
Success-Report: yes
Failure-Report: no
Content-Type: text/html

<html><body>
<p>Here is that important link...
<a href="http://www.example.com/foobar">foobar</a>
</p>
</body></html>
-------d93kswow$
`,
  'section 11.4, REPORT': `MSRP dkei38sd REPORT
To-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp
From-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp
Message-ID: 12339sdqwer
Byte-Range: 1-106/106
Status: 000 200 OK
-------dkei38sd$
`,
};

function only(example: string): MsrpFrame {
  const { frames, fault } = framesOf(octets(example));
  expect(fault).toBeUndefined();
  expect(frames).toHaveLength(1);
  return frames[0]!;
}

describe('the examples of RFC 4975', () => {
  it.each(Object.entries(EXAMPLES))('%s is read and written byte for byte', (_, example) => {
    expect(text(writeMsrpFrame(only(example)))).toBe(text(octets(example)));
  });

  it('section 4: the line end before the end-line is no data', () => {
    const send = only(EXAMPLES['section 4, SEND']!);
    expect(send).toMatchObject({ kind: 'request', method: 'SEND', transactionId: 'a786hjs2', flag: '$' });
    expect(text((send as { body?: Uint8Array }).body)).toBe('Hey Bob, are you there?');
  });

  it('section 11.4: a REPORT has neither body nor blank line', () => {
    const report = only(EXAMPLES['section 11.4, REPORT']!);
    expect(report).not.toHaveProperty('body');
    expect(msrpHeader(report, 'status')).toBe('000 200 OK');
  });

  it('section 5.1: chunks say where they belong and whether more follows', () => {
    const paths = 'To-Path: msrp://b.example:8888/b1;tcp\nFrom-Path: msrp://a.example:7777/a1;tcp\n';
    const chunks = `MSRP dkei38sd SEND
${paths}Message-ID: 4564dpWd
Byte-Range: 1-*/8
Content-Type: text/plain

abcd
-------dkei38sd+
MSRP dkei38ia SEND
${paths}Message-ID: 4564dpWd
Byte-Range: 5-8/8
Content-Type: text/plain

EFGH
-------dkei38ia$
`;
    const { frames } = framesOf(octets(chunks));
    expect(frames).toMatchObject([{ flag: '+' }, { flag: '$' }]);
    expect(frames.map((frame) => msrpHeader(frame, 'Byte-Range'))).toEqual(['1-*/8', '5-8/8']);
  });
});
