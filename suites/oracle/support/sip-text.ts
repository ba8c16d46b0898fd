/** SIP, CPIM and IMDN text written by hand for the tests of the oracle: nothing of stack/ stands behind it. */

export interface RequestLook {
  readonly method: string;
  readonly branch: string;
  readonly callId: string;
  readonly cseq?: number;
  readonly from?: string;
  readonly to?: string;
  readonly type?: string;
  readonly body?: string;
}

export function requestText(look: RequestLook): string {
  const {
    method,
    branch,
    callId,
    cseq = 1,
    from = 'sip:alice@alpha',
    to = 'tel:+999900200002',
    type,
    body = '',
  } = look;
  return lines(
    [
      `${method} ${to} SIP/2.0`,
      `Via: SIP/2.0/TLS host.example:5061;branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: <${from}>;tag=from-${callId}`,
      `To: <${to}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(type ? [`Content-Type: ${type}`] : []),
    ],
    body,
  );
}

export function responseText(look: RequestLook, status: number, extra: readonly string[] = []): string {
  const { method, branch, callId, cseq = 1, from = 'sip:alice@alpha', to = 'tel:+999900200002' } = look;
  return lines(
    [
      `SIP/2.0 ${status} Answer`,
      `Via: SIP/2.0/TLS host.example:5061;branch=${branch};rport=5061;received=10.0.0.1`,
      `From: <${from}>;tag=from-${callId}`,
      `To: <${to}>;tag=to-${callId}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...extra,
    ],
    '',
  );
}

export function cpimText(
  messageId: string,
  type: string,
  content: string,
  encoding?: string,
  more: readonly string[] = [],
): string {
  return [
    'From: <sip:anonymous@anonymous.invalid>',
    'To: <sip:anonymous@anonymous.invalid>',
    'NS: imdn <urn:ietf:params:imdn>',
    `imdn.Message-ID: ${messageId}`,
    'DateTime: 2025-05-04T10:00:00.000Z',
    'imdn.Disposition-Notification: positive-delivery, negative-delivery, display',
    ...more,
    '',
    `Content-Type: ${type}`,
    ...(encoding ? [`Content-Transfer-Encoding: ${encoding}`] : []),
    '',
    content,
  ].join('\r\n');
}

export function imdnText(about: string, element = 'delivery', status = 'delivered'): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><imdn xmlns="urn:ietf:params:xml:ns:imdn">' +
    `<message-id>${about}</message-id><datetime>2025-05-04T10:00:00.000Z</datetime>` +
    `<${element}-notification><status><${status}/></status></${element}-notification></imdn>`
  );
}

function lines(head: readonly string[], body: string): string {
  return `${[...head, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`;
}
